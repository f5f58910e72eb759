package bench

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/loadtest/load"
)

// A disturbance that fails is told, and the others go on; an end is an end.
func TestDisturbancesThatFail(t *testing.T) {
	b := &bench{cfg: *sizes(), result: played(sizes())}
	ctx, cancel := context.WithCancel(t.Context())
	events := []event{{what: "nothing"}, {what: "all is lost"}, {what: "more is lost"}, {what: "it ends"}}
	watch := func(e event) (Disturbance, error) {
		d := Disturbance{What: e.what, Disturbed: load.Disturbed{Before: load.Calm{P99: 7}}}
		switch e.what {
		case "all is lost":
			return d, errors.New("no\nway | out")
		case "it ends":
			cancel()
			return d, errors.New("killed")
		}
		return d, nil
	}
	if err := b.disturbEach(ctx, events, watch); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	all := b.result.Disturbed
	if len(all) != 3 || all[1].Failed != "no way | out" || all[1].Before.P99 != 0 || all[2].Failed != "" || all[2].Before.P99 != 7 {
		t.Fatalf("%+v", all)
	}
	b.result.Soak = &Soak{Cluster: true, Points: make([]SoakPoint, 3), Failover: &Failover{Disturbance: Disturbance{What: "a master is killed", Failed: "it lives"}}}
	err := b.result.Failures()
	if err == nil || !strings.Contains(err.Error(), "all is lost: no way") || !strings.Contains(err.Error(), "a master is killed: it lives") || strings.Contains(err.Error(), "more is") {
		t.Error(err)
	}
	var text strings.Builder
	if err := b.result.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| all is lost: **failed:** no way \\| out | - | - | - | - | - | - | - |\n", "\nHalf-way a master is killed. **That failed:** it lives\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
}
