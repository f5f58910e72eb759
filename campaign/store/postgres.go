package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// session sets what every connection needs, whatever the server, the role or
// the DSN say. A commit that was answered is on disk, here and on the standbys
// that the server waits for. A process that stops in the middle of a
// transaction, without its machine going away, keeps others from its rows for
// ten seconds at most.
const session = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local');
	SET idle_in_transaction_session_timeout = '10s'`

const (
	connectTimeout = 5 * time.Second
	// Connections move to another server some time after a switch-over.
	connectionLife = 30 * time.Minute
)

// openPostgres opens a PostgreSQL database. A pooler in between must keep
// sessions: settings are theirs.
func openPostgres(ctx context.Context, dsn string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("cannot open the database: %w", whyUnread(dsn))
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, session)
		return err
	}))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(connectionLife)
	if err := checkEncoding(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open the database: %w", without(cfg.Password, err)), db.Close())
	}
	return db, nil
}

// checkEncoding connects, and wants a database that can keep every text.
func checkEncoding(ctx context.Context, db *sql.DB) error {
	var encoding string
	if err := db.QueryRowContext(ctx, `SHOW server_encoding`).Scan(&encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("its encoding is %s: make it with ENCODING 'UTF8'", encoding)
	}
	return nil
}

// whyUnread says why a DSN cannot be read. The parser's own error may quote
// it, and a password that breaks the syntax cannot be told from the rest; so
// the parser is asked again about a DSN without one.
func whyUnread(dsn string) error {
	vague := errors.New("its address cannot be read: want postgres://USER@HOST/DATABASE, with special characters escaped as in any URL")
	u, err := url.Parse(dsn)
	if err != nil || strings.Contains(u.Host, "@") || strings.Contains(u.Path, "@") {
		return vague
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery = ""
	if _, err := pgx.ParseConfig(u.String()); err != nil {
		return vague
	}
	return errors.New("its address has a parameter that cannot be read")
}

// without returns the error without a password. What a caller may decide on,
// that the context ended, stays.
func without(password string, err error) error {
	text := err.Error()
	if password != "" {
		for _, form := range []string{password, url.QueryEscape(password), url.PathEscape(password), url.UserPassword("", password).String()[1:]} {
			text = strings.ReplaceAll(text, form, "xxxxx")
		}
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return fmt.Errorf("%w: %s", known, text)
		}
	}
	return errors.New(text)
}
