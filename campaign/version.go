package campaign

import (
	"math"
	"strings"
	"unicode"

	"github.com/tangent-dsp/tangent/openrtb"
)

// versionParts is how many numbers of a version count.
const versionParts = 3

// Versions returns the first and the last version that are meant, both
// included: a last one of 14 is the highest 14.x there can be.
func (s Software) Versions() (least, most openrtb.Version) {
	least = openrtb.ParseVersion([]byte(s.MinVersion))
	if s.MaxVersion == "" {
		return least, math.MaxInt64
	}
	open := versionParts - strings.Count(s.MaxVersion, ".") - 1
	return least, openrtb.ParseVersion([]byte(s.MaxVersion)) | 1<<(20*max(open, 0)) - 1
}

// isVersion says whether s is one to three numbers with points between, or
// nothing.
func isVersion(s string) bool {
	if s == "" {
		return true
	}
	parts := strings.Split(s, ".")
	for _, p := range parts {
		if len(p) == 0 || len(p) > 6 || !all(p, isDigit) {
			return false
		}
	}
	return len(parts) <= versionParts
}

// MaxPhrase is how many words a keyword has at most.
const MaxPhrase = 4

// IsWord says whether a character is part of a word: keywords and pages are
// split by it.
func IsWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
