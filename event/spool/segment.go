package spool

import (
	"os"
	"path/filepath"
)

// segment is one file. Its records numbered from first up to end were
// acknowledged; it may hold others, which were not.
type segment struct {
	number     uint64
	first, end uint64
	size       int64    // bytes that may hold records
	replayed   int64    // bytes that the primary has
	left       uint64   // records that the primary does not have
	seen       uint64   // acknowledged records that were replayed
	lost       uint64   // acknowledged records that are known to be unreadable
	f          *os.File // nil unless it takes appends
}

func (s *segment) path(dir string) string { return filepath.Join(dir, fileName(s.number)) }

// survey is what the bytes of a segment hold.
type survey struct {
	header  bool   // whether it is whole
	first   uint64 // as the header says; else the lowest number of a record
	next    uint64 // one more than the highest; first if there is none
	records uint64
	runs    []run
	tail    int  // bytes at the end that belong to no record
	garbled bool // whether there are others
}

// run is records with numbers from first up to end.
type run struct{ first, end uint64 }

func surveySegment(data []byte, number uint64) (s survey) {
	at := 0
	if s.first, s.header = parseHeader(data, number); s.header {
		at, s.next = headerSize, s.first
	}
	for {
		r, skipped, ok := nextRecord(data, at, number)
		if !ok {
			s.tail = skipped
			return s
		}
		s.garbled = s.garbled || skipped > 0
		if s.records == 0 && !s.header {
			s.first = r.number
		}
		s.records++
		s.next = max(s.next, r.number+1)
		if n := len(s.runs); n > 0 && s.runs[n-1].end == r.number {
			s.runs[n-1].end++
		} else {
			s.runs = append(s.runs, run{r.number, r.number + 1})
		}
		at = r.end
	}
}

// count returns how many records have numbers from first up to end.
func (s *survey) count(first, end uint64) (n uint64) {
	for _, r := range s.runs {
		if from, to := max(r.first, first), min(r.end, end); from < to {
			n += to - from
		}
	}
	return n
}

// syncDir makes the names of a directory's files durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}
