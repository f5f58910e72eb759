package postgrestest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

var server *Server

func TestMain(m *testing.M) { goleak.VerifyTestMain(Around(m, func(s *Server) { server = s })) }

// Given no PostgreSQL, when one is looked for, then the error holds the line
// that installs it.
func TestMissingServerSaysHowToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := find(true); err == nil || !strings.Contains(err.Error(), "apt-get install -y postgresql") {
		t.Errorf("got %v", err)
	}
}

// Given two schemas, then what is in one is not in the other.
func TestSchemasAreApart(t *testing.T) {
	ctx := context.Background()
	a, b := connect(t, schema(t)), connect(t, schema(t))
	if _, err := a.Exec(ctx, "CREATE TABLE x (n BIGINT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Exec(ctx, "SELECT n FROM x"); err == nil {
		t.Error("a table is in another schema")
	}
}

// Given two copies, then each has what was filled in once, and nothing of the
// other.
func TestCopiesAreApart(t *testing.T) {
	ctx, fills := context.Background(), 0
	copied := func() *pgx.Conn {
		dsn, err := server.Copy(ctx, func(dsn string) error {
			fills++
			c, err := pgx.Connect(ctx, dsn)
			if err != nil {
				return err
			}
			_, err = c.Exec(ctx, "CREATE TABLE x (n BIGINT)")
			return errors.Join(err, c.Close(ctx))
		})
		if err != nil {
			t.Fatal(err)
		}
		return connect(t, dsn)
	}
	a, b := copied(), copied()
	if _, err := a.Exec(ctx, "INSERT INTO x VALUES (7)"); err != nil {
		t.Fatal(err)
	}
	n := -1
	if err := b.QueryRow(ctx, "SELECT count(*) FROM x").Scan(&n); err != nil || n != 0 || fills != 1 {
		t.Errorf("%d rows of the other, filled %d times, %v", n, fills, err)
	}
}

// Given a guarded user, when the password is wrong, then there is no way in.
func TestGuarded(t *testing.T) {
	dsn, err := server.Guarded(context.Background(), schema(t), "correct 'horse")
	if err != nil {
		t.Fatal(err)
	}
	connect(t, dsn)
	if c, err := pgx.Connect(context.Background(), strings.Replace(dsn, "correct", "wrong", 1)); err == nil {
		c.Close(context.Background())
		t.Error("a wrong password opens")
	}
}

// Given a server that was frozen and one that was killed, when it goes on,
// then it is at its address, with what was committed.
func TestFaults(t *testing.T) {
	ctx := context.Background()
	dsn := schema(t)
	c := connect(t, dsn)
	if _, err := c.Exec(ctx, "CREATE TABLE x (n BIGINT); INSERT INTO x VALUES (7)"); err != nil {
		t.Fatal(err)
	}
	if err := server.Freeze(); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	if err := c.Ping(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a frozen server answers: %v", err)
	}
	cancel()
	if err := server.Thaw(); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	if _, err := pgx.Connect(ctx, dsn); err == nil {
		t.Error("a killed server answers")
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := connect(t, dsn).QueryRow(ctx, "SELECT n FROM x").Scan(&n); err != nil || n != 7 {
		t.Errorf("after a crash: %d, %v", n, err)
	}
}

func schema(t *testing.T) string {
	t.Helper()
	dsn, err := server.Schema(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}
