package spool

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strconv"
	"strings"
)

// A segment file is a header and then records; all numbers are little-endian.
//
//	header: magic (8 bytes) | segment number (8) | first record's number (8) | checksum (4)
//	record: marker (4) | length of the payload (4) | number (8) | checksum (4) | payload
//
// A payload is the events of one append, encoded as in a batch of the log.
// Numbers of records go on from one segment to the next, so that any gap is
// seen. A checksum is CRC-32C over the segment's number and all fields but
// itself, so that a record of another segment is none of this one.
const (
	magic      = "TNGSPL1\n"
	headerSize = 8 + 8 + 8 + 4

	marker     = 0xd51ca7e9 // begins no UTF-8 text, and no protobuf message of ours
	recordSize = 4 + 4 + 8 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendHeader appends the beginning of a segment.
func appendHeader(dst []byte, segment, first uint64) []byte {
	at := len(dst)
	dst = append(dst, magic...)
	dst = binary.LittleEndian.AppendUint64(dst, segment)
	dst = binary.LittleEndian.AppendUint64(dst, first)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[at:], castagnoli))
}

// parseHeader returns the number of the first record, if data begins with the
// header of the segment.
func parseHeader(data []byte, segment uint64) (first uint64, ok bool) {
	if len(data) < headerSize {
		return 0, false
	}
	first = binary.LittleEndian.Uint64(data[16:])
	return first, bytes.Equal(data[:headerSize], appendHeader(nil, segment, first))
}

// sealRecord writes the fields of the record at the beginning of b, whose
// payload is in place.
func sealRecord(b []byte, segment, number uint64) {
	binary.LittleEndian.PutUint32(b, marker)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-recordSize))
	binary.LittleEndian.PutUint64(b[8:], number)
	binary.LittleEndian.PutUint32(b[16:], checksum(b, segment))
}

// checksum is of a whole record.
func checksum(b []byte, segment uint64) uint32 {
	var s [8]byte
	binary.LittleEndian.PutUint64(s[:], segment)
	sum := crc32.Update(0, castagnoli, s[:])
	sum = crc32.Update(sum, castagnoli, b[:16])
	return crc32.Update(sum, castagnoli, b[recordSize:])
}

// record is one that was read whole.
type record struct {
	number  uint64
	payload []byte
	end     int // where the next one begins
}

// parseRecord returns the record at data[at:], if there is one.
func parseRecord(data []byte, at int, segment uint64) (record, bool) {
	b := data[at:]
	if len(b) < recordSize || binary.LittleEndian.Uint32(b) != marker {
		return record{}, false
	}
	n := int64(binary.LittleEndian.Uint32(b[4:]))
	if n > int64(len(b)-recordSize) {
		return record{}, false
	}
	b = b[:recordSize+int(n)]
	if binary.LittleEndian.Uint32(b[16:]) != checksum(b, segment) {
		return record{}, false
	}
	return record{binary.LittleEndian.Uint64(b[8:]), b[recordSize:], at + len(b)}, true
}

// nextRecord returns the first record at data[at:] or after it, and how many
// bytes before it are none; all of the rest, and false, if there is no more.
func nextRecord(data []byte, at int, segment uint64) (r record, skipped int, ok bool) {
	for from := at; ; {
		if r, ok := parseRecord(data, from, segment); ok {
			return r, from - at, true
		}
		if from++; from >= len(data) {
			return record{}, len(data) - at, false
		}
		var mark [4]byte
		binary.LittleEndian.PutUint32(mark[:], marker)
		i := bytes.Index(data[from:], mark[:])
		if i < 0 {
			return record{}, len(data) - at, false
		}
		from += i
	}
}

const suffix = ".spool"

// fileName returns a segment's name in the directory: names sort as numbers.
func fileName(segment uint64) string {
	s := strconv.FormatUint(segment, 16)
	return strings.Repeat("0", 16-len(s)) + s + suffix
}

// parseFileName returns the number of a segment's file.
func parseFileName(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	n, err := strconv.ParseUint(digits, 16, 64)
	return n, ok && err == nil && name == fileName(n)
}
