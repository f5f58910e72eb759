package store

import (
	"fmt"
	"slices"
	"testing"
)

// Rows come in parts that are full but for the last, none empty and none
// written over by the next.
func testRowsInParts(t *testing.T, w *world) {
	for _, rows := range []int{0, 1, maxPart - 1, maxPart, maxPart + 1, 2*maxPart + 1} {
		query := fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n WHERE %d > 0`, rows, rows)
		var parts [][]int
		err := inParts(t.Context(), w.db, func(r row) (i int, err error) { return i, r.Scan(&i) },
			func(part []int) { parts = append(parts, part) }, query)
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range parts {
			if full := len(part) == maxPart; len(part) == 0 || !full && i < len(parts)-1 {
				t.Errorf("%d rows: part %d of %d has %d", rows, i, len(parts), len(part))
			}
		}
		all := slices.Concat(parts...)
		for i, n := range all {
			if n != i+1 {
				t.Fatalf("%d rows: row %d is %d", rows, i+1, n)
			}
		}
		if len(all) != rows {
			t.Errorf("%d rows: got %d", rows, len(all))
		}
	}
}
