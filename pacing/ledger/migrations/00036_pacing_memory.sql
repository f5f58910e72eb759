-- +goose Up

-- What pacing learned, over restarts: packed, in base64, in parts.
CREATE TABLE pacing_memory (
    name    TEXT   NOT NULL,
    part    BIGINT NOT NULL,
    kept_at BIGINT NOT NULL,
    content TEXT   NOT NULL,
    PRIMARY KEY (name, part)
);

-- +goose Down
DROP TABLE pacing_memory;
