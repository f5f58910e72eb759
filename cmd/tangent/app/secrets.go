package app

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tangent-dsp/tangent/openrtb"
)

// secrets is the content of the secrets file. A new notice key goes in front;
// an old one stays for as long as its tokens may come back: 30 days, or the longest
// window in which an advertiser counts orders after clicks.
type secrets struct {
	NoticeKeys []noticeKey `json:"notice_keys"`
	UserSecret []byte      `json:"user_secret"` // keys the hash of user ids; another secret is another audience
}

type noticeKey struct {
	ID     uint8  `json:"id"`
	Secret []byte `json:"secret"` // 32 random bytes
}

// loadSecrets reads the secrets file, or makes one that only its owner can
// read. Errors name the file and never what is in it.
func loadSecrets(path string) (*secrets, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeSecrets(path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the secrets: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("cannot use the secrets in %s: others may read the file; run: chmod 600 %s", path, path)
	}
	s := new(secrets)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if d.Decode(s) != nil || len(s.NoticeKeys) == 0 || len(s.UserSecret) < 16 {
		return nil, fmt.Errorf("cannot use the secrets in %s: want notice_keys and user_secret as first written", path)
	}
	return s, nil
}

func makeSecrets(path string) (*secrets, error) {
	s := &secrets{NoticeKeys: []noticeKey{{ID: 1, Secret: make([]byte, 32)}}, UserSecret: make([]byte, 32)}
	rand.Read(s.NoticeKeys[0].Secret)
	rand.Read(s.UserSecret)
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cannot write the secrets: %w", err)
	}
	if err := writeSynced(path, b); err != nil {
		return nil, fmt.Errorf("cannot write the secrets: %w", err)
	}
	return s, nil
}

// writeSynced creates a file that only its owner can read, and has it on disk
// when it returns: tokens sealed with a lost key could never be opened. Of
// two processes that start at once, the second fails.
func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (s *secrets) keyring() (*openrtb.Keyring, error) {
	keys := make([]openrtb.Key, len(s.NoticeKeys))
	for i, k := range s.NoticeKeys {
		keys[i] = openrtb.Key{ID: k.ID, Secret: k.Secret}
	}
	return openrtb.NewKeyring(keys)
}

// orders returns what keys the hash of order ids. It is derived of the secret
// that stays, for the same order must be known for ever.
func (s *secrets) orders() ([]byte, error) {
	return hkdf.Key(sha256.New, s.UserSecret, nil, "tangent order ids", 32)
}
