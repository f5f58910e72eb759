package landscape

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// countsVersion begins encoded counts.
const countsVersion = 1

const cellSize = 8 + 2 + 1 + 4

// AppendCounts appends what was observed since the last call, for the learners
// of other bidders; nothing if there is no news. Without Config.Share there
// never is. A message that is lost costs no more than its observations.
func (l *Learner) AppendCounts(dst []byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.outbox) == 0 {
		return dst
	}
	dst = appendCounts(append(dst, countsVersion), l.outbox)
	clear(l.outbox)
	return dst
}

func appendCounts(dst []byte, all counts) []byte {
	for x, n := range all {
		dst = binary.BigEndian.AppendUint64(dst, uint64(x.key))
		dst = binary.BigEndian.AppendUint16(dst, x.at)
		dst = append(dst, byte(x.kind))
		dst = binary.BigEndian.AppendUint32(dst, math.Float32bits(n))
	}
	return dst
}

// AddCounts adds what another learner observed. A message that no version
// writes adds nothing.
func (l *Learner) AddCounts(message []byte) error {
	if len(message) == 0 {
		return nil
	}
	if message[0] != countsVersion {
		return fmt.Errorf("cannot add counts of version %d", message[0])
	}
	all, err := readCounts(message[1:])
	if err != nil {
		return fmt.Errorf("cannot add counts: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range all {
		l.pending.add(x.cell, x.n)
	}
	return nil
}

type counted struct {
	cell
	n float32
}

// maxCount bounds a cell of a message: more than a bidder sees between two.
const maxCount = 1e7

func readCounts(data []byte) ([]counted, error) {
	if len(data)%cellSize != 0 || len(data)/cellSize > 2*maxCells {
		return nil, fmt.Errorf("%d bytes are no list of cells", len(data))
	}
	all := make([]counted, 0, len(data)/cellSize)
	for ; len(data) > 0; data = data[cellSize:] {
		x := counted{
			cell{Key(binary.BigEndian.Uint64(data)), binary.BigEndian.Uint16(data[8:]), kind(data[10])},
			math.Float32frombits(binary.BigEndian.Uint32(data[11:])),
		}
		n := float64(x.n)
		if !x.key.valid() || x.kind >= kinds || int(x.at) >= edges || x.kind == exact && x.at > lastBin || !(math.Abs(n) <= maxCount) {
			return nil, errors.New("a cell is out of bounds")
		}
		all = append(all, x)
	}
	return all, nil
}
