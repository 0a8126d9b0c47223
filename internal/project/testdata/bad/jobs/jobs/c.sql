SELECT 1 -- no front matter
