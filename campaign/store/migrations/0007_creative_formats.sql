-- +goose Up

-- Only banners have a size: the check that it is above zero goes, which takes
-- a new table, since SQLite changes no check.
CREATE TABLE creatives_of_formats (
    id           BIGINT PRIMARY KEY CHECK (id > 0),
    line_item_id BIGINT NOT NULL REFERENCES line_items (id),
    name         TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    format       TEXT NOT NULL CHECK (format IN ('banner', 'video', 'audio', 'native')),
    width        BIGINT NOT NULL CHECK (width >= 0),
    height       BIGINT NOT NULL CHECK (height >= 0),
    markup       TEXT NOT NULL,
    landing_url  TEXT NOT NULL,
    domains      TEXT NOT NULL, -- JSON
    categories   TEXT NOT NULL, -- JSON
    attributes   TEXT NOT NULL, -- JSON
    secure       BOOLEAN NOT NULL,
    content      TEXT NOT NULL, -- JSON: media, assets, trackers, approvals
    revision     BIGINT NOT NULL
);
INSERT INTO creatives_of_formats (id, line_item_id, name, status, format, width, height, markup, landing_url, domains, categories, attributes, secure, content, revision)
    SELECT id, line_item_id, name, status, 'banner', width, height, markup, landing_url, domains, categories, attributes, secure, '{}', revision FROM creatives;
DROP TABLE creatives;
ALTER TABLE creatives_of_formats RENAME TO creatives;
CREATE INDEX creatives_line_item ON creatives (line_item_id, id);
CREATE INDEX creatives_revision ON creatives (revision);

-- Which of several creatives is shown; empty is even.
ALTER TABLE line_items ADD COLUMN rotation TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE line_items DROP COLUMN rotation;
DELETE FROM creatives WHERE format <> 'banner';
ALTER TABLE creatives DROP COLUMN content;
ALTER TABLE creatives DROP COLUMN format;
