package scenario

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Play plays a script in a new world. With rewrite it does not compare what
// the expect lines say but returns the script with what is. Errors name the
// line; an expectation that fails does not end the script.
func Play(ctx context.Context, c Config, script []byte, rewrite bool) ([]byte, error) {
	w, err := NewWorld(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &player{World: w, rewrite: rewrite}
	lines := strings.Split(string(script), "\n")
	for i := range lines {
		if err = p.line(ctx, &lines[i]); err != nil {
			err = fmt.Errorf("line %d: %q: %w", i+1, strings.TrimSpace(lines[i]), err)
			break
		}
		if p.failed != nil {
			p.failures = append(p.failures, fmt.Errorf("line %d: %q: %w", i+1, strings.TrimSpace(lines[i]), p.failed))
			p.failed = nil
		}
	}
	if err == nil && p.unexpected() {
		err = errors.New("at the end: the last bid or refund was refused, and no line expects it")
	}
	return []byte(strings.Join(lines, "\n")), errors.Join(append(p.failures, err, w.Close())...)
}

// player is a script being played.
type player struct {
	*World
	rewrite bool

	refused  bool  // the last statement was a single bid, which was refused
	single   bool  // the last bid statement was for one bid
	taken    int   // bids of that statement that left
	failed   error // what this line expected and is not
	failures []error
}

// unexpected says that a bid was refused and nobody asked.
func (p *player) unexpected() bool { return p.refused }

// line plays one line, which expect may rewrite.
func (p *player) line(ctx context.Context, text *string) error {
	code, comment, _ := strings.Cut(*text, "#")
	words := strings.Fields(code)
	if len(words) == 0 {
		return nil
	}
	if words[0] == "expect" {
		is, err := p.expect(ctx, words[1:])
		if err != nil || is == "" {
			return err
		}
		trimmed := strings.TrimRight(code, " \t")
		at := strings.LastIndexAny(trimmed, " \t") + 1
		if p.rewrite {
			*text = trimmed[:at] + is
			if comment != "" {
				*text += code[len(trimmed):] + "#" + comment
			}
		} else {
			p.failed = fmt.Errorf("it is %s", is)
		}
		return nil
	}
	if p.unexpected() {
		return errors.New("the bid or refund before was refused, and no line expects it")
	}
	v, ok := verbs[words[0]]
	if !ok {
		return fmt.Errorf("there is no verb %q", words[0])
	}
	if err := v(p, ctx, &statement{rest: words[1:]}); err != nil {
		return err
	}
	return p.Check(ctx)
}

// statement is the rest of a statement.
type statement struct{ rest []string }

// next returns the next word, or an error that says what is missing.
func (w *statement) next(what string) (string, error) {
	if len(w.rest) == 0 {
		return "", fmt.Errorf("%s is missing", what)
	}
	s := w.rest[0]
	w.rest = w.rest[1:]
	return s, nil
}

// take takes the next word if it is the given one.
func (w *statement) take(word string) bool {
	if len(w.rest) > 0 && w.rest[0] == word {
		w.rest = w.rest[1:]
		return true
	}
	return false
}

// end returns an error if words are left.
func (w *statement) end() error {
	if len(w.rest) > 0 {
		return fmt.Errorf("%q was not expected here", strings.Join(w.rest, " "))
	}
	return nil
}
