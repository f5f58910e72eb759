package store

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func testKeys(t *testing.T, w *world) {
	ctx := context.Background()
	plain, key, err := w.CreateKey(ctx, "deploy", RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^tk_[0-9a-f]{64}$`).MatchString(plain) {
		t.Error("a key is not tk_ and 256 bits in hexadecimal")
	}
	if !key.CreatedAt.Equal(start) || key.Role != RoleAdmin || key.Name != "deploy" {
		t.Errorf("the key is %+v", key)
	}
	other, reader, err := w.CreateKey(ctx, "dashboard", RoleRead)
	if err != nil || other == plain {
		t.Fatalf("the second key: %v", err)
	}
	if got := must(w.Authenticate(ctx, plain))(t); got != key {
		t.Errorf("authenticates as %+v, want %+v", got, key)
	}
	if got := must(w.Authenticate(ctx, other))(t); got != reader {
		t.Errorf("authenticates as %+v, want %+v", got, reader)
	}
	flipped := plain[:10] + string(plain[10]^1) + plain[11:]
	for _, bad := range []string{flipped, strings.ToUpper(plain), plain + " ", plain[3:], hashKey(plain), "tk_" + hashKey(plain)} {
		_, err := w.Authenticate(ctx, bad)
		wantError(t, err, ErrKey)
		if strings.Contains(err.Error(), bad) {
			t.Error("the error shows the key")
		}
	}

	// The database holds no key, in no column.
	rows, err := w.DB().Query(`SELECT * FROM api_keys`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cols := must(rows.Columns())(t)
	for rows.Next() {
		into := make([]any, len(cols))
		for i := range into {
			into[i] = new(any)
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i := range into {
			if text := fmt.Sprintf("%s", *into[i].(*any)); strings.Contains(text, plain[3:20]) || strings.Contains(text, other[3:20]) {
				t.Errorf("column %s holds a key", cols[i])
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}

	// A revoked key is none, and stays revoked as of the first time.
	revoked := must(w.RevokeKey(ctx, key.ID))(t)
	if again := must(w.RevokeKey(ctx, key.ID))(t); revoked.RevokedAt.IsZero() || again != revoked {
		t.Errorf("revoked as %+v, then %+v", revoked, again)
	}
	_, err = w.Authenticate(ctx, plain)
	wantError(t, err, ErrKey)
	must(w.Authenticate(ctx, other))(t)
	_, err = w.RevokeKey(ctx, 999)
	wantError(t, err, ErrNotFound)
	if keys := must(w.ListKeys(ctx, Filter{}))(t); len(keys) != 2 || keys[0] != revoked || keys[1] != reader {
		t.Errorf("keys are %+v", keys)
	}
}
