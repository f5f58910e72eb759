-- +goose Up

-- How exchanges speak. Those from before have no preset, and are read with the
-- settings of the default one.
ALTER TABLE exchanges ADD COLUMN preset TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN video_billing_event TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN audio_billing_event TEXT NOT NULL DEFAULT '';
ALTER TABLE exchanges ADD COLUMN video_tmax_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE exchanges ADD COLUMN audio_tmax_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE exchanges ADD COLUMN dialect TEXT NOT NULL DEFAULT '{}'; -- JSON

-- +goose Down
ALTER TABLE exchanges DROP COLUMN dialect;
ALTER TABLE exchanges DROP COLUMN audio_tmax_ms;
ALTER TABLE exchanges DROP COLUMN video_tmax_ms;
ALTER TABLE exchanges DROP COLUMN audio_billing_event;
ALTER TABLE exchanges DROP COLUMN video_billing_event;
ALTER TABLE exchanges DROP COLUMN preset;
