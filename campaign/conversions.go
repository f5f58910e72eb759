package campaign

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"regexp"
	"time"
)

// Conversions is how an advertiser's orders are found to come from clicks. The
// zero value measures none.
type Conversions struct {
	// ClickParameter is the name of the query parameter in which a click
	// carries its id to the landing page; empty for none.
	ClickParameter string `json:"click_parameter,omitempty"`
	// WindowDays is how long after a click an order counts; 0 for
	// DefaultWindowDays.
	WindowDays int `json:"window_days,omitempty"`
	// KeyHashes are of the keys that the advertiser's servers may send:
	// SHA-256 in hexadecimal, the newest first. The store keeps them.
	KeyHashes [2]string `json:"-"`
}

// HashConversionKey returns what is kept of a conversion key, which is so
// random that a fast hash without salt will do.
func HashConversionKey(plain string) string {
	sum := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(sum[:])
}

// Authentic says whether a key is one of the advertiser's.
func (v Conversions) Authentic(plain string) bool {
	sent, found := []byte(HashConversionKey(plain)), 0
	for _, kept := range v.KeyHashes {
		found |= subtle.ConstantTimeCompare(sent, []byte(kept))
	}
	return found == 1
}

// How long after a click an order counts, in days.
const (
	DefaultWindowDays = 30
	MaxWindowDays     = 90
)

// Window returns how long after a click an order counts.
func (v Conversions) Window() time.Duration {
	days := v.WindowDays
	if days == 0 {
		days = DefaultWindowDays
	}
	return time.Duration(days) * 24 * time.Hour
}

var isParameter = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,31}$`).MatchString

func (c check) conversions(v Conversions) {
	c.want(v.ClickParameter == "" || isParameter(v.ClickParameter), "click_parameter",
		"must be at most 32 letters, digits, dots, dashes and underscores, a letter first")
	c.want(v.WindowDays >= 0 && v.WindowDays <= MaxWindowDays, "window_days", "must be 1 to %d, or left out for %d", MaxWindowDays, DefaultWindowDays)
	c.want(v.WindowDays == 0 || v.ClickParameter != "", "click_parameter", "must be given with window_days")
}
