package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Role is what an API key allows.
type Role string

// The roles.
const (
	RoleAdmin Role = "admin" // everything
	RoleRead  Role = "read"  // reads only
)

// Key is an API key without its secret.
type Key struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"` // what it is for; for people
	Role      Role      `json:"role"`
	CreatedAt time.Time `json:"created_at"`
	RevokedAt time.Time `json:"revoked_at,omitzero"` // zero while it works
}

const (
	keyPrefix = "tk_" // so that people and secret scanners know one when they see it
	keyBytes  = 32    // so random that a fast hash suffices, without salt
)

const selectKeys = `SELECT id, name, role, created_at, revoked_at FROM api_keys`

func scanKey(r row) (k Key, err error) {
	var created int64
	var revoked sql.NullInt64
	if err = r.Scan(&k.ID, &k.Name, &k.Role, &created, &revoked); err != nil {
		return k, err
	}
	k.CreatedAt = time.UnixMilli(created).UTC()
	if revoked.Valid {
		k.RevokedAt = time.UnixMilli(revoked.Int64).UTC()
	}
	return k, nil
}

// CreateKey makes an API key. plain is the only copy of it there will ever
// be: the store keeps its SHA-256 hash.
func (s *Store) CreateKey(ctx context.Context, name string, role Role) (plain string, k Key, err error) {
	if n := utf8.RuneCountInString(name); n < 1 || n > 200 || !utf8.ValidString(name) {
		return "", k, problem("name", "must be 1 to 200 characters in UTF-8")
	}
	if role != RoleAdmin && role != RoleRead {
		return "", k, problem("role", "must be admin or read")
	}
	var secret [keyBytes]byte
	rand.Read(secret[:])
	plain = keyPrefix + hex.EncodeToString(secret[:])
	k, err = write(ctx, s, "create an API key", func(w *writing) (Key, error) {
		k := Key{Name: name, Role: role, CreatedAt: s.clock.Now().UTC().Truncate(time.Millisecond)}
		if k.ID, err = w.take(ctx, "api_key", 1); err != nil {
			return k, err
		}
		return k, w.insert(ctx, `api_keys (id, name, role, hash, created_at)`, [][]any{{k.ID, name, role, hashKey(plain), k.CreatedAt.UnixMilli()}})
	})
	if err != nil {
		return "", k, err
	}
	return plain, k, nil
}

// Authenticate returns the key that plain is. ErrKey says that it is none, or
// was revoked, and not which.
func (s *Store) Authenticate(ctx context.Context, plain string) (Key, error) {
	if !strings.HasPrefix(plain, keyPrefix) || len(plain) != len(keyPrefix)+2*keyBytes {
		return Key{}, ErrKey
	}
	// The database compares hashes: how long it takes says nothing about a
	// key that nobody can guess the hash of.
	k, err := scanKey(s.db.QueryRowContext(ctx, selectKeys+` WHERE hash = $1 AND revoked_at IS NULL`, hashKey(plain)))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Key{}, ErrKey
	case err != nil:
		return Key{}, fmt.Errorf("cannot look up an API key: %w", err)
	}
	return k, nil
}

// ListKeys returns a page of keys, revoked ones too.
func (s *Store) ListKeys(ctx context.Context, f Filter) ([]Key, error) {
	keys, err := many(ctx, s.db, scanKey, selectKeys+` WHERE id > $1 ORDER BY id LIMIT $2`, f.AfterID, f.limit())
	if err != nil {
		return nil, fmt.Errorf("cannot list API keys: %w", err)
	}
	return keys, nil
}

// RevokeKey ends a key for ever. Doing it again changes nothing.
func (s *Store) RevokeKey(ctx context.Context, id int64) (Key, error) {
	return write(ctx, s, fmt.Sprintf("revoke API key %d", id), func(w *writing) (Key, error) {
		const update = `UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2
			RETURNING id, name, role, created_at, revoked_at`
		k, err := scanKey(w.QueryRowContext(ctx, update, s.clock.Now().UnixMilli(), id))
		if errors.Is(err, sql.ErrNoRows) {
			err = ErrNotFound
		}
		return k, err
	})
}

func hashKey(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}
