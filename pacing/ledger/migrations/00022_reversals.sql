-- +goose Up

-- The correction that an entry takes back, 0 for none. Each is taken back once.
ALTER TABLE corrections ADD COLUMN reverses BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX corrections_reverses ON corrections (reverses) WHERE reverses <> 0;

-- +goose Down
DROP INDEX corrections_reverses;
ALTER TABLE corrections DROP COLUMN reverses;
