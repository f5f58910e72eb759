package reconcile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxLine bounds a line, in bytes.
const maxLine = 64 << 10

// rows reads a CSV file line by line. A quoted field may not run over lines:
// then a stray quote costs one line, not the rest of the file.
type rows struct {
	r      *bufio.Reader
	comma  byte
	number int
	fields [][]byte
}

func newRows(r io.Reader) *rows { return &rows{r: bufio.NewReaderSize(r, maxLine)} }

// text returns the next line that is not blank, without its end, until the
// next call; io.EOF after the last.
func (r *rows) text() ([]byte, error) {
	for {
		line, err := r.r.ReadSlice('\n')
		if len(line) == 0 && err != nil {
			return nil, err
		}
		r.number++
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("line %d is longer than %d bytes", r.number, maxLine)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if r.number == 1 {
			if bytes.HasPrefix(line, []byte("\xff\xfe")) || bytes.HasPrefix(line, []byte("\xfe\xff")) {
				return nil, errors.New("it is UTF-16: save it as UTF-8")
			}
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(bytes.Trim(line, " \t,;")) > 0 {
			return line, nil
		}
	}
}

// header reads the first line, whose most frequent separator is the file's.
func (r *rows) header() ([]string, error) {
	line, err := r.text()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	} else if err != nil {
		return nil, err
	}
	r.comma = ','
	for _, c := range []byte{';', '\t'} {
		if bytes.Count(line, []byte{c}) > bytes.Count(line, []byte{r.comma}) {
			r.comma = c
		}
	}
	fields, err := r.split(line)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", r.number, err)
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = string(f)
	}
	return names, nil
}

// split returns the fields of a line, without the blanks around them, until
// the next call. It writes into the line.
func (r *rows) split(line []byte) ([][]byte, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("it is not UTF-8")
	}
	r.fields = r.fields[:0]
	for {
		var field []byte
		if len(line) > 0 && line[0] == '"' {
			n, end := 0, -1
			for i := 1; i < len(line); i++ {
				if line[i] == '"' {
					if i+1 == len(line) || line[i+1] != '"' {
						end = i
						break
					}
					i++
				}
				line[n] = line[i] // behind what is read
				n++
			}
			if end < 0 {
				return nil, errors.New("a quote does not end")
			}
			field, line = line[:n], line[end+1:]
			if len(line) > 0 && line[0] != r.comma {
				return nil, errors.New("text follows a quoted field")
			}
		} else {
			end := bytes.IndexByte(line, r.comma)
			if end < 0 {
				end = len(line)
			}
			field, line = line[:end], line[end:]
			if bytes.IndexByte(field, '"') >= 0 {
				return nil, errors.New("a quote within a field that is not quoted")
			}
		}
		r.fields = append(r.fields, bytes.TrimSpace(field))
		if len(line) == 0 {
			return r.fields, nil
		}
		line = line[1:]
	}
}
