package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tangent-dsp/tangent/clock"
)

// Whatever is wrong with an address, the error does not show the password.
func TestErrorsShowNoPassword(t *testing.T) {
	ctx := context.Background()
	const secret = "pa%ss w:rd/?@#'"
	right := must(postgres.Guarded(ctx, newSchema(t), secret))(t)
	must(OpenDB(ctx, right))(t).Close()
	must(postgres.Guarded(ctx, right, "another one"))(t)
	for _, dsn := range []string{
		right, // is wrong now
		strings.Replace(right, "/postgres?", "/nowhere?", 1),
		strings.Replace(right, postgres.Addr(), "127.0.0.1:1", 1),
		strings.Replace(right, postgres.Addr(), "host.invalid", 1),
		strings.Replace(right, postgres.Addr(), "127.0.0.1:99999", 1),
		strings.Replace(right, postgres.Addr(), "127.0.0.1:port", 1),
		right + "&sslmode=no", right + "&connect_timeout=soon", right + "&sslrootcert=/none",
		"postgres://guarded:" + secret + "@" + postgres.Addr() + "/postgres",
		"postgres://guarded:pa%ss@" + postgres.Addr() + "/postgres",
		"postgres://guarded@" + postgres.Addr() + "/postgres?sslmode=disable&password=pa%25ss",
		"postgres://guarded@" + postgres.Addr() + "/postgres?sslmode=no&password=pa%25ss",
		"postgres://guarded:pa%25ss@@" + postgres.Addr() + "/postgres",
		"postgresql://:pa%25ss@%zz/",
		"mysql://guarded:pa%25ss@localhost/",
	} {
		db, err := OpenDB(ctx, dsn)
		if err == nil {
			db.Close()
			t.Errorf("%q opens", dsn)
			continue
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			for _, text := range []string{e.Error(), fmt.Sprintf("%+v", e)} {
				if strings.Contains(text, "pa%") || strings.Contains(text, "w:rd") || strings.Contains(text, "w%3Ard") {
					t.Errorf("the error shows a password: %s", text)
				}
			}
		}
		if !strings.HasPrefix(err.Error(), "cannot open the database: ") {
			t.Errorf("the error is %v", err)
		}
	}
}

// The password may stay out of the address.
func TestPasswordFromTheEnvironment(t *testing.T) {
	ctx := context.Background()
	right := must(postgres.Guarded(ctx, newSchema(t), "from-the-environment"))(t)
	bare := strings.Replace(right, ":from-the-environment@", "@", 1)
	if db, err := OpenDB(ctx, bare); err == nil {
		db.Close()
		t.Error("opens without a password")
	}
	t.Setenv("PGPASSWORD", "from-the-environment")
	must(OpenDB(ctx, bare))(t).Close()
	t.Setenv("PGPASSWORD", "not-the-right-one")
	if _, err := OpenDB(ctx, bare); err == nil || strings.Contains(err.Error(), "not-the-right-one") {
		t.Errorf("with a wrong password: %v", err)
	}
}

// No setting of the address lets a commit be lost.
func TestPostgresSettings(t *testing.T) {
	ctx := context.Background()
	dsn := newSchema(t)
	for params, want := range map[string]string{"": "on", "&synchronous_commit=off": "on", "&synchronous_commit=local": "on", "&synchronous_commit=remote_apply": "remote_apply"} {
		db := must(OpenDB(ctx, dsn+params+"&default_transaction_isolation=serializable"))(t)
		err := InTx(ctx, db, func(tx *sql.Tx) error {
			for setting, want := range map[string]string{"synchronous_commit": want, "transaction_isolation": "read committed", "idle_in_transaction_session_timeout": "10s"} {
				var got string
				if err := tx.QueryRowContext(ctx, "SHOW "+setting).Scan(&got); err != nil || got != want {
					t.Errorf("with %q, %s is %q, %v; want %s", params, setting, got, err, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		db.Close()
	}
}

// Given two transactions that wait for each other, then both are done in the
// end, and the one that gave way is done once.
func TestDeadlocksAreTriedAgain(t *testing.T) {
	ctx := context.Background()
	db := must(OpenDB(ctx, newSchema(t)))(t)
	defer db.Close()
	must(db.Exec(`CREATE TABLE x (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)`))(t)
	must(db.Exec(`INSERT INTO x VALUES (1, 0), (2, 0)`))(t)
	var met, wg sync.WaitGroup
	var tries atomic.Int64
	met.Add(2)
	for first := range 2 {
		wg.Go(func() {
			waited := false
			err := InTx(ctx, db, func(tx *sql.Tx) error {
				tries.Add(1)
				for i := range 2 {
					if _, err := tx.Exec(`UPDATE x SET n = n + 1 WHERE id = $1`, 1+(first+i)%2); err != nil {
						return fmt.Errorf("cannot add: %w", err)
					}
					if !waited { // both have a row before either wants the other's
						waited = true
						met.Done()
						met.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var sum int
	if err := db.QueryRow(`SELECT SUM(n) FROM x`).Scan(&sum); err != nil || sum != 4 || tries.Load() < 3 {
		t.Errorf("after %d tries the sum is %d, %v; want 4 after 3 or, where both met again, more", tries.Load(), sum, err)
	}
}

// A transaction that gives way every time ends.
func TestTriesAreBounded(t *testing.T) {
	ctx := context.Background()
	db := must(OpenDB(ctx, newSchema(t)))(t)
	defer db.Close()
	tries := 0
	err := InTx(ctx, db, func(*sql.Tx) error {
		tries++
		return &pgconn.PgError{Code: pgSerialization}
	})
	if err == nil || tries != maxTries {
		t.Errorf("%d tries, %v", tries, err)
	}
	tries = 0
	other := errors.New("another error")
	if err := InTx(ctx, db, func(*sql.Tx) error { tries++; return other }); !errors.Is(err, other) || tries != 1 {
		t.Errorf("%d tries, %v", tries, err)
	}
}

// Given a server that is killed and comes back, then the store goes on, with
// everything that was committed.
func TestServerComesBack(t *testing.T) {
	w := newWorld(t, newSchema(t))
	postgres.Kill()
	if err := w.Ping(context.Background()); err == nil {
		t.Error("a server that is gone answers")
	}
	for range connections + 1 { // cut ones, then none
		if _, err := w.ListAdvertisers(context.Background(), Filter{Limit: 1}); !IsAway(err) {
			t.Errorf("a server that is gone is not away: %v", err)
		}
	}
	if err := postgres.Restart(); err != nil {
		t.Fatal(err)
	}
	wantStored(t, w)
}

// What the database refuses is an answer.
func TestRefusalsAreNotAway(t *testing.T) {
	for _, err := range []error{nil, ErrNotFound, errors.New("another"), &pgconn.PgError{Code: pgUnique}, context.Canceled} {
		if IsAway(err) {
			t.Errorf("%v is taken for a database that is away", err)
		}
	}
}

func TestPostgresNeedsAClock(t *testing.T) {
	if _, err := Open(context.Background(), Config{DSN: newSchema(t)}); err == nil {
		t.Error("a store without a clock opens")
	}
	s := must(Open(context.Background(), Config{DSN: newSchema(t), Clock: clock.Real()}))(t)
	if !IsPostgres(s.DB()) {
		t.Error("PostgreSQL is taken for SQLite")
	}
	s.Close()
}
