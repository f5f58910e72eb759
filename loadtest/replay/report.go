package replay

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// Report is what a replay came to.
type Report struct {
	Results []Result `json:"results"`
	Curves  []Curve  `json:"curves"`
}

// Row is what one policy came to over the budgets, logs and seeds of a case.
type Row struct {
	Mechanism Mechanism `json:"mechanism"`
	Delay     int       `json:"delay"`
	Bidders   int       `json:"bidders"`
	Stress    string    `json:"stress"`
	Policy    Policy    `json:"policy"`

	Cells        int     `json:"cells"`
	Mean         Score   `json:"mean"` // of the cells that have a score
	Worst        Score   `json:"worst"`
	Overspend    float64 `json:"overspend_mean"`
	WorstOver    float64 `json:"overspend_worst"`
	Used         float64 `json:"budget_used"`
	SlotRMSE     float64 `json:"slot_rmse"`
	Jitter       float64 `json:"jitter"`
	Recovery     float64 `json:"recovery,omitempty"`
	PlanPrice    Score   `json:"plan_price"`
	SecondsWorst float64 `json:"seconds_worst"`
	recoveries   int
	scored       int
	planned      int
}

// Rows sums the results up, in the order in which they were played.
func (r *Report) Rows() (rows []Row) {
	index := map[Row]int{}
	for i := range r.Results {
		x := &r.Results[i]
		key := Row{Mechanism: x.Mechanism, Delay: x.Delay, Bidders: x.Bidders, Stress: x.Stress, Policy: x.Policy}
		n, ok := index[key]
		if !ok {
			n = len(rows)
			index[key] = n
			rows = append(rows, key)
		}
		row := &rows[n]
		row.Cells++
		if x.Ratio.known() {
			if row.scored == 0 {
				row.Worst = x.Ratio
			}
			row.scored++
			row.Mean += x.Ratio
			row.Worst = min(row.Worst, x.Ratio)
		}
		if x.PlanPrice.known() {
			row.planned++
			row.PlanPrice += x.PlanPrice
		}
		row.Overspend += x.Overspend
		row.WorstOver = max(row.WorstOver, x.Overspend)
		row.Used += x.Used
		row.SlotRMSE += x.SlotRMSE
		row.Jitter += x.Jitter
		row.SecondsWorst = max(row.SecondsWorst, x.Seconds)
		if x.Recovery != nil {
			row.Recovery += *x.Recovery
			row.recoveries++
		}
	}
	for i := range rows {
		row := &rows[i]
		n := float64(row.Cells)
		for _, x := range []*float64{&row.Overspend, &row.Used, &row.SlotRMSE, &row.Jitter} {
			*x /= n
		}
		if row.scored == 0 {
			row.Worst = unknown
		}
		row.Mean /= Score(row.scored) // 0/0 is unknown
		row.PlanPrice /= Score(row.planned)
		row.Recovery /= float64(max(1, row.recoveries))
	}
	return rows
}

// Print writes the table.
func (r *Report) Print(w io.Writer) {
	rows := r.Rows()
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(slices.Index(Mechanisms, a.Mechanism), slices.Index(Mechanisms, b.Mechanism)), cmp.Compare(a.Bidders, b.Bidders), cmp.Compare(a.Delay, b.Delay))
	})
	fmt.Fprintf(w, "%-14s %6s %7s %-10s %-9s %5s  %6s %6s  %7s %7s  %6s %6s %7s %6s  %6s\n",
		"mechanism", "delay", "bidders", "stress", "policy", "cells", "mean", "worst", "overspd", "worst", "used", "rmse", "jitter", "recov", "plan")
	for i := range rows {
		x := &rows[i]
		recovery := "-"
		if x.recoveries > 0 {
			recovery = fmt.Sprintf("%.1f%%", 100*x.Recovery)
		}
		fmt.Fprintf(w, "%-14s %6d %7d %-10s %-9s %5d  %6s %6s  %6.2f%% %6.2f%%  %6.4f %6.3f %7.4f %6s  %6s\n",
			x.Mechanism, x.Delay, x.Bidders, x.Stress, x.Policy, x.Cells, x.Mean, x.Worst, 100*x.Overspend, 100*x.WorstOver,
			x.Used, x.SlotRMSE, x.Jitter, recovery, x.PlanPrice)
	}
}
