package bench

import "context"

// Shed is what happened at twice the saturation rate.
type Shed struct {
	Rate     float64 `json:"rate"`
	Due      int64   `json:"due"`
	Answers  int64   `json:"answers"`
	Overload int64   `json:"overload"` // answered with a no-bid at once, as the bidder counts them
	Share    float64 `json:"share"`    // of what was due, that was so answered
	Timeouts int64   `json:"timeouts"`
	Unsent   int64   `json:"unsent"` // the generator had too many under way
	P99      float64 `json:"p99_us"`
	P99After float64 `json:"p99_us_after"` // at the usual rate, right after
}

// overload plays twice what the bidder keeps up with, and then half of it.
func (b *bench) overload(ctx context.Context, s *server) error {
	rate := 2 * b.result.Kept
	if rate == 0 {
		rate = 2 * b.result.Rate
	}
	b.say("twice the saturation: %.0f requests per second", rate)
	const sheds = `reason="overload"`
	before, err := s.metric("tangent_bidder_no_bids_total", sheds)
	if err != nil {
		return err
	}
	m, err := b.measure(ctx, s, rate, b.cfg.Each)
	if err != nil {
		return err
	}
	after, err := s.metric("tangent_bidder_no_bids_total", sheds)
	if err != nil {
		return err
	}
	b.did()
	calm, err := b.measure(ctx, s, b.result.Rate, b.cfg.Each)
	if err != nil {
		return err
	}
	b.did()
	r := m.report
	b.result.Shed = Shed{
		Rate: rate, Due: r.Requests + r.Unsent, Answers: r.Answers, Overload: int64(after - before), Timeouts: r.HTTPErrors["timeout"], Unsent: r.Unsent,
		P99: m.P99, P99After: calm.P99,
	}
	b.result.Shed.Share = (after - before) / float64(max(1, b.result.Shed.Due))
	return nil
}
