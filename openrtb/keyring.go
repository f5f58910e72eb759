package openrtb

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrToken says that a text is not a token that we made for this purpose. It
// does not say why.
var ErrToken = errors.New("not a valid token")

// Key is a secret from which the keys of all purposes are derived.
type Key struct {
	ID     uint8  // what tokens name it by; ids are not used again for another secret
	Secret []byte // SecretSize random bytes
}

// SecretSize is the length of a key's secret in bytes.
const SecretSize = 32

// Keyring seals and opens notice tokens. It is safe for concurrent use.
type Keyring struct {
	current uint8
	keys    [256]*[purposes]cipher.AEAD // by key id, then purpose
	scratch sync.Pool                   // of *scratch
}

// scratch is the memory of one Seal or Open. The ciphers are reached through
// an interface, so whatever they are given would else be allocated each time.
type scratch struct {
	nonce [chacha20poly1305.NonceSizeX]byte
	raw   [maxRaw]byte
}

// A token is base64url, unpadded, of
//
//	version (1) | key id (1) | bid id (16) | imp (1) | ciphertext and tag
//
// The cipher is XChaCha20-Poly1305 with the nonce: bid id (16) | purpose (1) |
// imp (1) | zeros (6). A bid id never repeats, so no nonce does. Everything
// before the ciphertext is authenticated with it.
//
// For conversions, the time of the click in milliseconds (6, big-endian) comes
// after imp, and in the place of the zeros: one bid may be clicked twice.
const (
	tokenVersion = 1
	headerSize   = 1 + 1 + 16 + 1
	clickedSize  = 6
	maxRaw       = headerSize + clickedSize + maxPayload + chacha20poly1305.Overhead
)

// headerOf returns the length of the header of a token for a purpose.
func headerOf(p Purpose) int {
	if p == ForConversion {
		return headerSize + clickedSize
	}
	return headerSize
}

var tokenText = base64.RawURLEncoding.Strict()

// NewKeyring returns a keyring. The first key seals, all open: a new key goes
// in front, and an old one stays for as long as its tokens may come back,
// which is the longest attribution window.
func NewKeyring(keys []Key) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, errors.New("cannot make keyring: it needs at least one key")
	}
	k := &Keyring{current: keys[0].ID}
	k.scratch.New = func() any { return new(scratch) }
	for _, key := range keys {
		if len(key.Secret) != SecretSize {
			return nil, fmt.Errorf("cannot make keyring: the secret of key %d has %d bytes, want %d", key.ID, len(key.Secret), SecretSize)
		}
		if k.keys[key.ID] != nil {
			return nil, fmt.Errorf("cannot make keyring: key id %d is used twice", key.ID)
		}
		ciphers, err := deriveCiphers(key.Secret)
		if err != nil {
			return nil, fmt.Errorf("cannot make keyring: key %d: %w", key.ID, err)
		}
		k.keys[key.ID] = ciphers
	}
	return k, nil
}

// deriveCiphers returns a cipher for each purpose. The subkeys are HKDF's, so
// that one of them tells nothing about the others.
func deriveCiphers(secret []byte) (*[purposes]cipher.AEAD, error) {
	prk, err := hkdf.Extract(sha256.New, secret, nil)
	if err != nil {
		return nil, err
	}
	var ciphers [purposes]cipher.AEAD
	for p := ForBilling; p < purposes; p++ {
		sub, err := hkdf.Expand(sha256.New, prk, "tangent notice token "+p.String(), chacha20poly1305.KeySize)
		if err != nil {
			return nil, err
		}
		if ciphers[p], err = chacha20poly1305.NewX(sub); err != nil {
			return nil, err
		}
	}
	return &ciphers, nil
}

// Seal appends the token's text, which is safe in a URL, to dst. It allocates
// nothing when dst has room. Each pair of bid and purpose may be sealed with
// one content only, and for conversions each click: they are the nonce. It panics when p is not a
// purpose or t has more nodes or user key than fit: both are the caller's
// mistake, and half a token would lose money.
func (k *Keyring) Seal(dst []byte, p Purpose, t *Token) []byte {
	if p == 0 || p >= purposes || t.NodeCount < 0 || t.NodeCount > MaxNodes || len(t.UserKey) > MaxUserKey {
		panic("openrtb: token cannot be sealed: unknown purpose, too many nodes, or user key too long")
	}
	s := k.scratch.Get().(*scratch)
	raw := append(s.raw[:0], tokenVersion, k.current)
	raw = append(raw, t.Bid[:]...)
	raw = append(raw, t.Imp)
	if p == ForConversion {
		var clicked [8]byte
		binary.BigEndian.PutUint64(clicked[:], uint64(max(0, t.Clicked.UnixMilli())))
		raw = append(raw, clicked[8-clickedSize:]...)
	}
	size := len(raw)
	raw = t.appendPayload(raw)
	s.setNonce(p, raw[:size])
	header, payload := raw[:size], raw[size:]
	sealed := k.keys[k.current][p].Seal(payload[:0], s.nonce[:], payload, header)
	dst = tokenText.AppendEncode(dst, raw[:size+len(sealed)])
	k.scratch.Put(s)
	return dst
}

// Open reads the text of a token for a purpose into t. The error is ErrToken,
// and t is then zero. UserKey is a copy that the caller may keep.
func (k *Keyring) Open(p Purpose, text []byte, t *Token) error {
	*t = Token{}
	s := k.scratch.Get().(*scratch)
	err := k.open(s, p, text, t)
	k.scratch.Put(s)
	if err != nil {
		*t = Token{}
	}
	return err
}

func (k *Keyring) open(s *scratch, p Purpose, text []byte, t *Token) error {
	size := tokenText.DecodedLen(len(text))
	if p == 0 || p >= purposes || size < headerOf(p)+chacha20poly1305.Overhead || size > maxRaw {
		return ErrToken
	}
	if bytes.ContainsAny(text, "\r\n") { // which the decoder would skip: one token, one text
		return ErrToken
	}
	n, err := tokenText.Decode(s.raw[:], text)
	if err != nil {
		return ErrToken
	}
	header, sealed := s.raw[:headerOf(p)], s.raw[headerOf(p):n]
	if header[0] != tokenVersion {
		return ErrToken
	}
	ciphers := k.keys[header[1]]
	if ciphers == nil {
		return ErrToken
	}
	bid, imp := header[2:18], header[18]
	s.setNonce(p, header)
	payload, err := ciphers[p].Open(sealed[:0], s.nonce[:], sealed, header)
	if err != nil {
		return ErrToken
	}
	copy(t.Bid[:], bid)
	t.Imp = imp
	if p == ForConversion {
		var clicked [8]byte
		copy(clicked[8-clickedSize:], header[headerSize:])
		t.Clicked = time.UnixMilli(int64(binary.BigEndian.Uint64(clicked[:]))).UTC()
	}
	if !t.readPayload(payload) {
		return ErrToken
	}
	return nil
}

func (s *scratch) setNonce(p Purpose, header []byte) {
	clear(s.nonce[:])
	copy(s.nonce[:16], header[2:18])
	s.nonce[16], s.nonce[17] = byte(p), header[18]
	copy(s.nonce[18:], header[headerSize:])
}
