-- +goose Up

-- Named lists of sites, apps, publishers or placements, which line items refer
-- to by id. Entries are kept in chunks of many, sorted over all chunks.
CREATE TABLE inventory_lists (
    id       BIGINT PRIMARY KEY CHECK (id > 0),
    name     TEXT   NOT NULL,
    status   TEXT   NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    kind     TEXT   NOT NULL CHECK (kind IN ('sites', 'apps', 'publishers', 'placements')),
    entries  BIGINT NOT NULL CHECK (entries >= 0),
    revision BIGINT NOT NULL
);
CREATE INDEX inventory_lists_revision ON inventory_lists (revision);

CREATE TABLE inventory_chunks (
    list_id BIGINT NOT NULL REFERENCES inventory_lists (id),
    chunk   BIGINT NOT NULL,
    entries TEXT   NOT NULL, -- each followed by a line feed
    PRIMARY KEY (list_id, chunk)
);

INSERT INTO counters (name, value) VALUES ('inventory_list', 0);

-- +goose Down
DELETE FROM counters WHERE name = 'inventory_list';
DROP TABLE inventory_chunks;
DROP TABLE inventory_lists;
