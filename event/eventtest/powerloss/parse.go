package powerloss

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// call is one system call. start and end are lines of strace's output, which
// are in the order of time: the line at which it was seen to begin, and the
// one at which it was seen to have returned.
type call struct {
	name       string
	args       []string
	ret        int64
	start, end int
}

// Trace is what a process did.
type Trace struct {
	dir   string
	calls []call
	lines int
}

// parse reads strace's output, made with -f -xx -e raw=read.
func parse(r io.Reader, dir string) (*Trace, error) {
	t := &Trace{dir: dir}
	begun := make(map[string]call) // by thread
	texts := make(map[string]string)
	lines := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			if err := t.parseLine(line, begun, texts); err != nil {
				return nil, fmt.Errorf("line %d, %.200q: %w", t.lines, line, err)
			}
		}
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (t *Trace) parseLine(line string, begun map[string]call, texts map[string]string) error {
	at := t.lines
	t.lines++
	thread, rest, ok := strings.Cut(line, " ")
	rest = strings.TrimLeft(rest, " ")
	switch {
	case !ok:
		return errors.New("no thread")
	case strings.HasPrefix(rest, "+++"), strings.HasPrefix(rest, "---"):
		return nil
	case strings.HasSuffix(rest, "<detached ...>"): // the process ended in it
		return nil
	case strings.HasPrefix(rest, "<... "):
		_, more, ok := strings.Cut(rest, " resumed>")
		c, begun := begun[thread]
		if !ok || !begun {
			return errors.New("a call is resumed that did not begin")
		}
		c.end = at
		return t.finish(c, texts[thread]+more)
	}
	if text, unfinished := strings.CutSuffix(rest, "<unfinished ...>"); unfinished {
		begun[thread], texts[thread] = call{start: at}, strings.TrimRight(text, " ")
		return nil
	}
	return t.finish(call{start: at, end: at}, rest)
}

// finish reads a whole call: name(arguments) = result.
func (t *Trace) finish(c call, text string) error {
	open, last := strings.IndexByte(text, '('), strings.LastIndex(text, " = ")
	if open < 0 || last < 0 {
		return errors.New("no call")
	}
	c.name = text[:open]
	args := strings.TrimRight(text[open+1:last], " ")
	args, ok := strings.CutSuffix(args, ")")
	if !ok {
		return errors.New("no end of the arguments")
	}
	result, _, _ := strings.Cut(text[last+3:], " ")
	if result == "?" { // the process ended in it
		return nil
	}
	var err error
	if c.ret, err = strconv.ParseInt(result, 0, 64); err != nil {
		if _, unsigned := strconv.ParseUint(result, 0, 64); unsigned != nil {
			return err
		}
		c.ret = -1 // an error in raw form
	}
	c.args = splitArgs(args)
	t.calls = append(t.calls, c)
	return nil
}

// splitArgs splits at commas that are in no brackets. Strings are all \x.., so
// they hold neither.
func splitArgs(text string) (args []string) {
	depth, from := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			depth--
		case ',':
			if depth == 0 {
				args = append(args, strings.TrimSpace(text[from:i]))
				from = i + 1
			}
		}
	}
	return append(args, strings.TrimSpace(text[from:]))
}

// unquote reads "\x61\x62".
func unquote(text string) ([]byte, error) {
	inner, ok := strings.CutPrefix(text, `"`)
	if !ok {
		return nil, fmt.Errorf("%.40q is no string", text)
	}
	if inner, ok = strings.CutSuffix(inner, `"`); !ok {
		return nil, fmt.Errorf("a string of %d bytes was not recorded whole", len(text)/4)
	}
	data := make([]byte, 0, len(inner)/4)
	for ; len(inner) >= 4; inner = inner[4:] {
		b, err := strconv.ParseUint(inner[2:4], 16, 8)
		if err != nil || inner[:2] != `\x` {
			return nil, fmt.Errorf("%.8q is no byte", inner)
		}
		data = append(data, byte(b))
	}
	if inner != "" {
		return nil, fmt.Errorf("%q is no byte", inner)
	}
	return data, nil
}
