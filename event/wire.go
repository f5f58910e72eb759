package event

import "google.golang.org/protobuf/encoding/protowire"

// Wire types, as in the low bits of a tag.
const (
	varint  = uint64(protowire.VarintType)
	fixed64 = uint64(protowire.Fixed64Type)
	packed  = uint64(protowire.BytesType)
)

// field is one field of a message. Of number and bytes one is set, by its type.
type field struct {
	tag    uint64
	number uint64
	bytes  []byte
}

// nextField returns the first field of a message and its length, or, below 0,
// what is wrong with it.
func nextField(b []byte) (f field, n int) {
	if f.tag, n = protowire.ConsumeVarint(b); n < 0 {
		return f, n
	}
	number, m := f.tag>>3, 0
	switch b = b[n:]; f.tag & 7 {
	case varint:
		f.number, m = protowire.ConsumeVarint(b)
	case fixed64:
		f.number, m = protowire.ConsumeFixed64(b)
	case packed:
		f.bytes, m = protowire.ConsumeBytes(b)
	default:
		m = protowire.ConsumeFieldValue(protowire.Number(number), protowire.Type(f.tag&7), b)
	}
	switch {
	case number < uint64(protowire.MinValidNumber), number > uint64(protowire.MaxValidNumber):
		return f, -1
	case m < 0:
		return f, m
	}
	return f, n + m
}

func eachNumber(b []byte, take func(uint64)) error {
	for len(b) > 0 {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		take(v)
		b = b[n:]
	}
	return nil
}

// orNil returns nothing for what is empty, and else what nobody can append to.
func orNil(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b[:len(b):len(b)]
}

// appendNumber, appendFixed and appendBytes append a field, or nothing where it
// is zero or empty.
func appendNumber(dst []byte, field protowire.Number, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendVarint(protowire.AppendTag(dst, field, protowire.VarintType), v)
}

func appendFixed(dst []byte, field protowire.Number, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendFixed64(protowire.AppendTag(dst, field, protowire.Fixed64Type), v)
}

func appendBytes[T ~string | ~[]byte](dst []byte, field protowire.Number, v T) []byte {
	if len(v) == 0 {
		return dst
	}
	dst = protowire.AppendTag(dst, field, protowire.BytesType)
	return append(protowire.AppendVarint(dst, uint64(len(v))), v...)
}
