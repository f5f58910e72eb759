package campaign

import (
	"strings"
	"unicode"
)

// Version is a version of software: its first four numbers, 16 bits each,
// the major one highest. Suffixes such as beta do not count.
type Version uint64

// versionParts is how many numbers a version has.
const versionParts = 4

// ParseVersion reads a version such as 14.5.1. A text that does not begin
// with a number is none; no text is version 0. It does not allocate.
func ParseVersion[T string | []byte](s T) (v Version, ok bool) {
	if len(s) == 0 {
		return 0, true
	}
	shift, n, digits := 16*versionParts, 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i < len(s) && isDigit(s[i]):
			n, digits = min(n*10+int(s[i]-'0'), 0xffff), digits+1
			continue
		case digits == 0:
			return v, shift < 16*versionParts
		}
		shift -= 16
		v |= Version(n) << shift
		if shift == 0 || i < len(s) && s[i] != '.' && s[i] != '_' {
			return v, true
		}
		n, digits = 0, 0
	}
	return v, true
}

// Last returns the last version that text, from which v was read, includes:
// of 14 it is the highest 14.x.
func (v Version) Last(text string) Version {
	parts := strings.Count(text, ".") + strings.Count(text, "_") + 1
	if text == "" || parts >= versionParts {
		return v
	}
	return v | 1<<(16*(versionParts-parts)) - 1
}

// MaxPhrase is how many words a keyword has at most.
const MaxPhrase = 4

// IsWord says whether a character is part of a word: keywords and pages are
// split by it.
func IsWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
