package openrtb

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestRequestsLogWithoutTheUser(t *testing.T) {
	r, err := NewDecoder(Limits{}).Decode([]byte(minimal(`"user":{"id":"secret-1","buyeruid":"secret-2","consent":"secret-3","eids":[{"source":"a.example","uids":[{"id":"secret-4"}]}]},"device":{"ifa":"secret-5","ip":"192.0.2.1"}`)))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "request", r)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "request", r)
	fmt.Fprintf(&log, "%v %+v %s", r, r, r)
	if text := log.String(); strings.Contains(text, "secret-") || strings.Contains(text, "192.0.2") {
		t.Errorf("logged: %s", text)
	}
}
