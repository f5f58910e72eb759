package loadtest

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// Segments is how many segments the made-up users are in, numbered from 1.
const Segments = 40

// WriteAudience writes the segments of the users that a run with the same
// seed and number of users sends requests for, as "tangent audience import"
// reads them: lines of user, segment, expiry (RFC 3339) after a head line.
// The user is the id that requests carry as user.buyeruid; users for whom the
// exchanges know no such id are left out. Segment 1 holds about a third of
// the users, segment 40 about one in fifty.
func WriteAudience(w io.Writer, seed uint64, users int, expires time.Time) error {
	p := newPopulation(seed, users, zipf)
	out := bufio.NewWriterSize(w, 1<<16)
	if _, err := out.WriteString("user,segment,expiry\n"); err != nil {
		return fmt.Errorf("cannot write the audience: %w", err)
	}
	end := expires.UTC().Format(time.RFC3339)
	line := make([]byte, 0, 64)
	for number := range users {
		u := p.user(number)
		if !u.known {
			continue
		}
		for segment := 1; segment <= Segments; segment++ {
			if !u.in(segment) {
				continue
			}
			line = append(u.appendBuyerUID(line[:0]), ',')
			line = append(appendInt(line, segment), ',')
			line = append(append(line, end...), '\n')
			if _, err := out.Write(line); err != nil {
				return fmt.Errorf("cannot write the audience: %w", err)
			}
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("cannot write the audience: %w", err)
	}
	return nil
}

// in says whether the user is in a segment. Low numbers are broad interests,
// high ones narrow.
func (u *user) in(segment int) bool {
	reach := .35 / (1 + .4*float64(segment-1))
	return share(mix(u.hash^uint64(segment)<<16)) < reach
}
