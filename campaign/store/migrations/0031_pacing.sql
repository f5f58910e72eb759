-- +goose Up

-- The shape in which a budget is spent; empty is as traffic comes.
ALTER TABLE campaigns ADD COLUMN pacing TEXT NOT NULL DEFAULT '';
ALTER TABLE line_items ADD COLUMN pacing TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE line_items DROP COLUMN pacing;
ALTER TABLE campaigns DROP COLUMN pacing;
