package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestSecretsAreMadeOnceForTheirOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.json")
	first, err := loadSecrets(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
	second, err := loadSecrets(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.UserSecret, second.UserSecret) || !bytes.Equal(first.NoticeKeys[0].Secret, second.NoticeKeys[0].Secret) {
		t.Error("a second start has other secrets")
	}
	if bytes.Equal(first.UserSecret, first.NoticeKeys[0].Secret) || bytes.Equal(first.UserSecret, make([]byte, 32)) {
		t.Error("the secrets are not random")
	}
	if _, err := second.keyring(); err != nil {
		t.Error(err)
	}
}

func TestSecretsThatCannotBeUsed(t *testing.T) {
	const fine = `{"notice_keys":[{"id":1,"secret":"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}],"user_secret":"QkJCQkJCQkJCQkJCQkJCQg=="}`
	for _, c := range []struct {
		name, content string
		mode          os.FileMode
		ok            bool
	}{
		{"fine", fine, 0o600, true},
		{"read-only", fine, 0o400, true},
		{"read by the group", fine, 0o640, false},
		{"read by all", fine, 0o644, false},
		{"written by others", fine, 0o602, false},
		{"empty", "", 0o600, false},
		{"no keys", `{"user_secret":"QkJCQkJCQkJCQkJCQkJCQg=="}`, 0o600, false},
		{"short user secret", strings.Replace(fine, "QkJCQkJCQkJCQkJCQkJCQg==", "QkJCQg==", 1), 0o600, false},
		{"unknown field", strings.Replace(fine, "user_secret", "usersecret", 1), 0o600, false},
		{"cut", fine[:len(fine)-1], 0o600, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secrets.json")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil { // whatever the umask is
				t.Fatal(err)
			}
			_, err := loadSecrets(path)
			if (err == nil) != c.ok {
				t.Errorf("error %v, want accepted %v", err, c.ok)
			}
			if err != nil && (!strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "QUFB") || strings.Contains(err.Error(), "QkJC")) {
				t.Errorf("want an error that names the file and nothing in it: %v", err)
			}
		})
	}
}

// Of several processes that start at once, all that start have one secret.
func TestSecretsOfStartsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.json")
	var mu sync.Mutex
	seen := map[string]bool{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if s, err := loadSecrets(path); err == nil {
				mu.Lock()
				seen[string(s.UserSecret)] = true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(seen) != 1 {
		t.Errorf("%d different secrets, want 1", len(seen))
	}
}
