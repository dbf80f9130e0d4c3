"""The demo place: synthetic agencies, buildings, people and costs on real geography.

`profiles.toml` says what they are like. `sites`, `buildings`, `teams`, `costs` and `facts` make rows from it, the same
rows for the same seed; `load` stores them through the register's tables. Everything says that it is synthetic.
"""
