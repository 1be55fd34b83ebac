-- The files of skills, by the content they belong to: each content is kept
-- once, and an older version of a skill keeps its files.

CREATE TABLE skill_files (
  content_hash TEXT NOT NULL,
  path TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (content_hash, path)
) STRICT;
