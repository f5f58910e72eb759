package supply

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"regexp/syntax"
	"strings"
)

// MaxAgents bounds a list of user agents, in bytes.
const MaxAgents = 16 << 20

// maxAgent is how much of a user agent is looked at. Real ones are shorter.
const maxAgent = 1024

// Agents is an immutable list of user agents: of crawlers, for one.
type Agents struct {
	texts   *automaton
	rules   []rule
	of      []int32 // by text of the automaton: its rule
	Skipped int     // patterns that have no fixed part to look for, and are not used
}

// rule says when a text that was found counts.
type rule struct {
	start      bool           // only at the start of the user agent
	exceptions []string       // not if one of these occurs too, in any case
	pattern    *regexp.Regexp // only if it matches; nil: it does
}

// ReadAgents reads a list in one of three formats:
//
//   - a JSON list of objects with a regular expression as "pattern", as
//     crawler-user-agents.json is;
//   - the IAB/ABC list of spiders and bots: pattern|active|exceptions|one
//     pass|impact|start, case does not matter;
//   - a text per line that occurs in the user agent, in any case.
//
// Empty lines and those that begin with '#' are ignored.
func ReadAgents(in io.Reader) (*Agents, error) {
	body, err := io.ReadAll(io.LimitReader(in, MaxAgents+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read user agents: %w", err)
	}
	if len(body) > MaxAgents {
		return nil, fmt.Errorf("cannot read user agents: more than %d MiB", MaxAgents>>20)
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	b := agentsBuilder{seen: map[string]bool{}}
	if first := bytes.TrimSpace(body); len(first) > 0 && first[0] == '[' {
		err = b.json(body)
	} else {
		err = b.lines(body)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read user agents: %w", err)
	}
	if b.list.texts = newAutomaton(b.texts); b.list.texts == nil {
		return nil, errors.New("cannot read user agents: the list is too long")
	}
	return &b.list, nil
}

// Len is how many patterns are used.
func (a *Agents) Len() int {
	if a == nil {
		return 0
	}
	return len(a.rules)
}

// Match says whether a user agent is on the list. A nil list has none.
func (a *Agents) Match(agent []byte) bool {
	if a == nil || len(a.rules) == 0 {
		return false
	}
	agent = agent[:min(len(agent), maxAgent)]
	return a.texts.find(agent, func(text int32, past int) bool {
		r := &a.rules[a.of[text]]
		if r.start && past != a.texts.length(text) || r.pattern != nil && !r.pattern.Match(agent) {
			return false
		}
		for _, x := range r.exceptions {
			if containsFold(agent, x) {
				return false
			}
		}
		return true
	})
}

// containsFold says whether s has a text that is in lower case.
func containsFold(s []byte, text string) bool {
	for i := 0; i+len(text) <= len(s); i++ {
		j := 0
		for j < len(text) && lower(s[i+j]) == text[j] {
			j++
		}
		if j == len(text) {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if c-'A' < 26 {
		return c | 0x20
	}
	return c
}

type agentsBuilder struct {
	list  Agents
	texts []string
	seen  map[string]bool
}

// add adds a rule that is asked when one of the texts occurs.
func (b *agentsBuilder) add(r rule, texts ...string) {
	for _, t := range texts {
		b.texts = append(b.texts, strings.ToLower(t))
		b.list.of = append(b.list.of, int32(len(b.list.rules)))
	}
	b.list.rules = append(b.list.rules, r)
}

func (b *agentsBuilder) json(body []byte) error {
	var list []struct {
		Pattern string `json:"pattern"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return err
	}
	for i, x := range list {
		if x.Pattern == "" || b.seen[x.Pattern] {
			continue
		}
		b.seen[x.Pattern] = true
		tree, err := syntax.Parse(x.Pattern, syntax.Perl)
		if err != nil {
			return fmt.Errorf("pattern %d: %w", i+1, err)
		}
		pattern, err := regexp.Compile(x.Pattern)
		if err != nil {
			return fmt.Errorf("pattern %d: %w", i+1, err)
		}
		if texts := needed(tree); len(texts) > 0 {
			b.add(rule{pattern: pattern}, texts...)
		} else {
			b.list.Skipped++
		}
	}
	return nil
}

func (b *agentsBuilder) lines(body []byte) error {
	scan := bufio.NewScanner(bytes.NewReader(body))
	for n := 1; scan.Scan(); n++ {
		line := strings.TrimSpace(scan.Text())
		if line == "" || line[0] == '#' || b.seen[line] {
			continue
		}
		b.seen[line] = true
		field := strings.Split(line, "|")
		if len(field) < 6 || field[1] != "0" && field[1] != "1" {
			b.add(rule{}, line)
			continue
		}
		if field[0] == "" || field[1] == "0" {
			continue
		}
		r := rule{start: field[5] == "1"}
		for x := range strings.SplitSeq(field[2], ",") {
			if x = strings.ToLower(strings.TrimSpace(x)); x != "" {
				r.exceptions = append(r.exceptions, x)
			}
		}
		b.add(r, field[0])
	}
	return scan.Err()
}

// needed returns texts of which one occurs, in whatever case, in everything
// that a regular expression matches, or none if there are no such.
func needed(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r >= 0x80 { // other letters have other cases
				return nil
			}
		}
		return []string{string(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return needed(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needed(re.Sub[0])
		}
	case syntax.OpConcat: // the part that is the rarest, which the longest is likely to be
		var best []string
		for _, sub := range re.Sub {
			if t := needed(sub); len(t) > 0 && (best == nil || shortest(t) > shortest(best)) {
				best = t
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			t := needed(sub)
			if len(t) == 0 {
				return nil
			}
			all = append(all, t...)
		}
		return all
	}
	return nil
}

func shortest(texts []string) int {
	n := len(texts[0])
	for _, t := range texts {
		n = min(n, len(t))
	}
	return n
}
