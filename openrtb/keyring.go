package openrtb

import "errors"

// ErrToken says that a text is not a token that we made for this purpose. It
// does not say why.
var ErrToken = errors.New("not a valid token")

// Key is a secret from which the keys of all purposes are derived.
type Key struct {
	ID     uint8
	Secret []byte // 32 random bytes
}

// Keyring seals and opens notice tokens. It is safe for concurrent use.
type Keyring struct{}

// NewKeyring returns a keyring. The first key seals, all open: a new key goes
// in front, and an old one stays for as long as its tokens may come back.
func NewKeyring(keys []Key) (*Keyring, error) { return &Keyring{}, nil }

// Seal appends the token's text, which is safe in a URL, to dst. It allocates
// nothing when dst has room. Each pair of bid and purpose may be sealed with
// one content only: the bid id is the nonce.
func (k *Keyring) Seal(dst []byte, p Purpose, t *Token) []byte { return dst }

// Open reads the text of a token for a purpose into t. The error is ErrToken,
// and t is then undefined. UserKey is a copy that the caller may keep.
func (k *Keyring) Open(p Purpose, text []byte, t *Token) error { return ErrToken }
