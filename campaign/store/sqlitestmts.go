package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"
)

// keptStatements is how many statements a connection keeps: some more than
// booking and a tick use in turns.
const keptStatements = 64

// keepStatements makes connections that keep the statements which take values,
// as those of PostgreSQL do: parsing one costs SQLite more than running it.
func keepStatements(c driver.Connector) driver.Connector { return keepingConnector{c} }

type keepingConnector struct{ driver.Connector }

func (k keepingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c, ok := opened.(sqliteConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver's connection does not do what it did"), opened.Close())
	}
	return &keepingConn{sqliteConn: c, kept: make(map[string]*statement)}, nil
}

// sqliteConn is what [database/sql] uses of the driver's connection.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keepingConn is used by one goroutine at a time, as every connection.
type keepingConn struct {
	sqliteConn
	kept map[string]*statement // by their text; not those that are in use
	uses uint64
}

type statement struct {
	sqliteStmt
	text string
	used uint64 // when, in uses
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// ExecContext runs a statement. One without values is run once in a while,
// and may be a script.
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.ExecContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return r, c.keep(s)
}

// QueryContext is as ExecContext; the statement is in use until the rows are
// closed.
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) == 0 {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &keptRows{r.(driver.RowsColumnTypeDatabaseTypeName), c, s}, nil
}

// PrepareContext prepares a statement that its caller keeps.
func (c *keepingConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.sqliteConn.PrepareContext(ctx, unnumbered(query))
}

// Close ends the connection. Statements in use are those of open rows, which
// [database/sql] closes first.
func (c *keepingConn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	c.kept = nil
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}

// take returns a statement for its caller alone.
func (c *keepingConn) take(ctx context.Context, query string) (*statement, error) {
	if s := c.kept[query]; s != nil {
		delete(c.kept, query)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return &statement{sqliteStmt: s.(sqliteStmt), text: query}, nil
}

// keep takes a statement back, in place of the one that was not used for
// longest where there are too many.
func (c *keepingConn) keep(s *statement) error {
	c.uses++
	s.used = c.uses
	if c.kept == nil || c.kept[s.text] != nil { // closed; or used by two at once
		return s.Close()
	}
	c.kept[s.text] = s
	if len(c.kept) <= keptStatements {
		return nil
	}
	oldest := s
	for _, o := range c.kept {
		if o.used < oldest.used {
			oldest = o
		}
	}
	delete(c.kept, oldest.text)
	return oldest.Close()
}

type keptRows struct {
	driver.RowsColumnTypeDatabaseTypeName
	conn *keepingConn
	stmt *statement
}

func (r *keptRows) Close() error {
	if r.stmt == nil {
		return nil
	}
	s := r.stmt
	r.stmt = nil
	if err := r.RowsColumnTypeDatabaseTypeName.Close(); err != nil {
		return errors.Join(err, s.Close())
	}
	return r.conn.keep(s)
}

// unnumbered writes ? for $1, $2 and so on, where they come in their order and
// once each. To SQLite $7 is a name, which it looks up among all others of the
// statement whenever it is given a value; ? has a place only.
func unnumbered(query string) string {
	var b strings.Builder
	rest := query
	for n := 1; ; n++ {
		i := strings.IndexAny(rest, `$'"`)
		if i < 0 || rest[i] != '$' {
			if i >= 0 && strings.Contains(rest, "$") {
				return query // there is quoted text among them: leave it alone
			}
			b.WriteString(rest)
			return b.String()
		}
		digits := i + 1
		for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
			digits++
		}
		if rest[i+1:digits] != strconv.Itoa(n) {
			return query
		}
		b.WriteString(rest[:i])
		b.WriteByte('?')
		rest = rest[digits:]
	}
}
