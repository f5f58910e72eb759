-- +goose Up

-- What an impression is worth to a user who saw some already, and what
-- multiplies its value: JSON, as targeting and frequency_caps are.
ALTER TABLE line_items ADD COLUMN frequency_curve TEXT NOT NULL DEFAULT '{}';
ALTER TABLE line_items ADD COLUMN bid_modifiers TEXT NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE line_items DROP COLUMN bid_modifiers;
ALTER TABLE line_items DROP COLUMN frequency_curve;
