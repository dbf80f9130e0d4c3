// The review of pairs: a key for each verdict.
import { startKeys } from "./keys.js";

const toggle = document.querySelector("#review-keys");
if (toggle) startKeys(toggle, "estate.review.keys", true);
