package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// DSN returns where the server's own database is, for the superuser tangent.
func (s *Server) DSN() string { return s.dsn(url.User("tangent"), "postgres", "") }

// Schema makes an empty schema and returns a DSN whose connections work in it.
func (s *Server) Schema(ctx context.Context) (dsn string, err error) {
	var name string
	err = s.exec(ctx, func(c *pgx.Conn) error {
		// The name is unique: one connection, one schema.
		if err := c.QueryRow(ctx, `SELECT 's' || pg_backend_pid() || '_' || floor(extract(epoch FROM clock_timestamp()) * 1000000)`).Scan(&name); err != nil {
			return err
		}
		_, err := c.Exec(ctx, "CREATE SCHEMA "+name+"; GRANT ALL ON SCHEMA "+name+" TO PUBLIC")
		return err
	})
	if err != nil {
		return "", fmt.Errorf("cannot make a schema: %w", err)
	}
	return s.dsn(url.User("tangent"), "postgres", name), nil
}

// Copy makes a database with what fill puts into one, which it is told the DSN
// of: the first time, a template; from then on copies of it, whatever fill.
// Migrations take several times as long as a copy. fill leaves no connection.
func (s *Server) Copy(ctx context.Context, fill func(dsn string) error) (dsn string, err error) {
	s.copies.Lock()
	n := s.copied
	s.copied++
	if n == 0 {
		s.copyable = s.fillTemplate(ctx, fill)
	}
	err = s.copyable
	s.copies.Unlock()
	name := "copy" + strconv.Itoa(n)
	if err == nil {
		err = s.exec(ctx, func(c *pgx.Conn) error {
			_, err := c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE filled")
			return err
		})
	}
	if err != nil {
		return "", fmt.Errorf("cannot copy a database: %w", err)
	}
	return s.dsn(url.User("tangent"), name, ""), nil
}

// fillTemplate makes the database that others are copies of.
func (s *Server) fillTemplate(ctx context.Context, fill func(dsn string) error) error {
	err := s.exec(ctx, func(c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE DATABASE filled")
		return err
	})
	if err != nil {
		return err
	}
	return fill(s.dsn(url.User("tangent"), "filled", ""))
}

// Guarded returns the DSN of a schema for the user guarded, who needs the
// password. The latest one is the right one.
func (s *Server) Guarded(ctx context.Context, schema, password string) (dsn string, err error) {
	err = s.exec(ctx, func(c *pgx.Conn) error {
		quoted := "'" + strings.ReplaceAll(password, "'", "''") + "'"
		_, err := c.Exec(ctx, `DO $$ BEGIN CREATE ROLE guarded LOGIN; EXCEPTION WHEN duplicate_object THEN END $$`)
		if err == nil {
			_, err = c.Exec(ctx, "ALTER ROLE guarded PASSWORD "+quoted)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("cannot set a password: %w", err)
	}
	u, err := url.Parse(schema)
	if err != nil {
		return "", err
	}
	u.User = url.UserPassword("guarded", password)
	return u.String(), nil
}

func (s *Server) dsn(user *url.Userinfo, database, schema string) string {
	q := url.Values{"sslmode": {"disable"}}
	if schema != "" {
		q.Set("search_path", schema)
	}
	u := url.URL{Scheme: "postgres", User: user, Host: s.Addr(), Path: "/" + database, RawQuery: q.Encode()}
	return u.String()
}

// exec runs do on a connection of its own.
func (s *Server) exec(ctx context.Context, do func(*pgx.Conn) error) error {
	c, err := pgx.Connect(ctx, s.DSN())
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	return do(c)
}

// Runner is what a TestMain runs, as goleak.VerifyTestMain does.
type Runner interface{ Run() int }

// Around returns m with a server running around it, which use is told of. A
// server that cannot be started fails the tests.
func Around(m Runner, use func(*Server)) Runner { return around{m, use} }

type around struct {
	m   Runner
	use func(*Server)
}

func (a around) Run() int {
	s, err := Start()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer s.Close()
	a.use(s)
	return a.m.Run()
}
