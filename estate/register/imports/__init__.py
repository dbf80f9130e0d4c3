"""Files to register: read (bytes to rows), check (rows to a report), apply (one transaction); layouts in formats/."""
