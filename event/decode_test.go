package event

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event/pb"
)

// again decodes a batch by protobuf's own decoder, writes that, and decodes it
// by ours: what differs from decoding it at once, ours has read otherwise.
func again(data []byte) (Batch, error) {
	var m pb.Batch
	if err := proto.Unmarshal(data, &m); err != nil {
		return Batch{}, err
	}
	out, err := proto.MarshalOptions{Deterministic: true}.Marshal(&m)
	if err != nil {
		return Batch{}, err
	}
	return DecodeBatch(out)
}

func TestEveryFieldIsDecoded(t *testing.T) {
	// given an event that has something in every field of the schema, each
	// another
	var m pb.Event
	fields := m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		n := int64(i + 2)
		var v protoreflect.Value
		switch f.Kind() {
		case protoreflect.EnumKind:
			v = protoreflect.ValueOfEnum(1)
		case protoreflect.BoolKind:
			v = protoreflect.ValueOfBool(true)
		case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
			v = protoreflect.ValueOfInt64(n)
		case protoreflect.Int32Kind:
			v = protoreflect.ValueOfInt32(int32(n))
		case protoreflect.Uint32Kind:
			v = protoreflect.ValueOfUint32(uint32(n))
		case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
			v = protoreflect.ValueOfUint64(uint64(n))
		case protoreflect.DoubleKind:
			v = protoreflect.ValueOfFloat64(float64(n))
		case protoreflect.StringKind:
			v = protoreflect.ValueOfString("XTS")
		case protoreflect.BytesKind:
			v = protoreflect.ValueOfBytes([]byte("sixteen bytes..."))
		}
		if f.IsList() {
			list := m.ProtoReflect().NewField(f)
			list.List().Append(v)
			v = list
		}
		m.ProtoReflect().Set(f, v)
	}
	data := marshal(t, &pb.Batch{Schema: Schema, Producer: 1, FirstSequence: 2, Events: []*pb.Event{&m}})
	// when it is decoded
	b, err := DecodeBatch(data)
	if err != nil {
		t.Fatal(err)
	}
	// then nothing is missing, nothing unknown, and each is where it belongs
	e := reflect.ValueOf(b.Events[0])
	for i := range e.NumField() {
		if f := e.Type().Field(i).Name; f != "Unknown" && e.Field(i).IsZero() {
			t.Errorf("%s was not decoded", f)
		}
	}
	if b.Unknown != nil || b.Events[0].Unknown != nil {
		t.Errorf("unknown are %x and %x", b.Unknown, b.Events[0].Unknown)
	}
	data, err = AppendBatch(nil, &b)
	if err != nil {
		t.Fatal(err)
	}
	var back pb.Batch
	unmarshal(t, data, &back)
	if !proto.Equal(back.Events[0], &m) {
		t.Errorf("after a round trip the event is\n%v, want\n%v", back.Events[0], &m)
	}
}

// Whatever order, types and repetitions fields come in, ours and protobuf's
// decoder read the same, or both refuse.
func TestDecodeAgreesWithProtobuf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ev := protowire.AppendTag(nil, 2, protowire.BytesType)
		ev = protowire.AppendBytes(ev, make([]byte, 16))
		for range rapid.IntRange(0, 8).Draw(t, "fields") {
			ev = appendAny(t, ev)
		}
		data := AppendHeader(nil, 1, 1)
		data = protowire.AppendTag(data, fieldEvents, protowire.BytesType)
		data = protowire.AppendBytes(data, ev)
		if rapid.Bool().Draw(t, "more of the batch") {
			data = appendAny(t, data)
		}
		got, ours := DecodeBatch(data)
		want, theirs := again(data)
		if (ours == nil) != (theirs == nil) || !slices.Equal(values(got), values(want)) || !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%+v %v, want\n%+v %v", got, ours, want, theirs)
		}
	})
}

// values takes the bits of the events' values out: any may be drawn, and one
// that is no number is not equal to itself.
func values(b Batch) (bits []uint64) {
	for i := range b.Events {
		bits = append(bits, math.Float64bits(b.Events[i].PredictedValue))
		b.Events[i].PredictedValue = 0
	}
	return bits
}

// appendAny appends a field that may be of the schema, and may be broken.
func appendAny(t *rapid.T, b []byte) []byte {
	number := protowire.Number(rapid.IntRange(1, 40).Draw(t, "number"))
	value := rapid.Uint64().Draw(t, "value")
	switch rapid.IntRange(0, 4).Draw(t, "type") {
	case 0:
		return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), value)
	case 1:
		return protowire.AppendFixed64(protowire.AppendTag(b, number, protowire.Fixed64Type), value)
	case 2:
		return protowire.AppendFixed32(protowire.AppendTag(b, number, protowire.Fixed32Type), uint32(value))
	case 3:
		b = protowire.AppendTag(b, number, protowire.StartGroupType)
		return protowire.AppendTag(b, number, protowire.EndGroupType)
	}
	raw := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "bytes")
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), raw)
}
