package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/tangent-dsp/tangent/audience"
)

// importing is a file on its way into an audience.
type importing struct {
	in     io.ReadCloser
	bytes  int64 // 0: nobody knows
	writer *audience.Writer
	keyer  *audience.Keyer
	bar    *progress
	told   io.Writer
}

// importing opens a file, or '-', and the audience, which answers.
func (a *audienceAt) importing(ctx context.Context, file string, s streams) (*importing, error) {
	in, bytes, err := openInput(file, s.in)
	if err != nil {
		return nil, fmt.Errorf("cannot import: %w", err)
	}
	im := &importing{in: in, bytes: bytes, told: s.err}
	if im.writer, im.keyer, err = a.open(); err != nil {
		in.Close()
		return nil, err
	}
	if err := im.writer.Ping(ctx); err != nil {
		im.Close()
		return nil, err
	}
	im.bar = newProgress(s.err)
	return im, nil
}

// end tells of bad lines, the first ones line by line.
func (im *importing) end(first []audience.BadLine, all int64) {
	im.bar.end()
	for _, b := range first {
		fmt.Fprintf(im.told, "line %d: %s\n", b.Line, b.Why)
	}
	if more := all - int64(len(first)); more > 0 {
		fmt.Fprintf(im.told, "and %d more bad lines\n", more)
	}
}

func (im *importing) Close() {
	im.writer.Close()
	im.in.Close()
}

func openInput(name string, stdin io.Reader) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(stdin), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}
