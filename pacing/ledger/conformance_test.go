package ledger

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	conformance(t, newFile)
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	conformance(t, newDatabase)
}

func newFile(t testing.TB) string { return "file:" + filepath.Join(t.TempDir(), "tangent.db") }

func newSchema(t testing.TB) string {
	t.Helper()
	dsn, err := postgres.Schema(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// newDatabase returns the DSN of a database that a ledger was opened in
// before, which saves the migrations.
func newDatabase(t testing.TB) string {
	t.Helper()
	dsn, err := postgres.Copy(context.Background(), func(dsn string) error {
		s, err := store.Open(context.Background(), store.Config{DSN: dsn, Clock: clock.NewManual(noon), StartLifetime: StartLifetime})
		if err != nil {
			return err
		}
		_, err = New(context.Background(), s.DB(), Config{Clock: clock.NewManual(noon)})
		return errors.Join(err, s.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// conformance is what a ledger does on every database. empty returns the DSN
// of an empty one.
func conformance(t *testing.T, empty func(testing.TB) string) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, w *world)
	}{
		{"a grant gives what is left and no more", testGrantGivesWhatIsLeftAndNoMore},
		{"huge claims neither stop booking nor spoil the balance", testHugeClaimsNeitherStopBookingNorSpoilTheBalance},
		{"a grant knows day from flight", testGrantKnowsDayFromFlight},
		{"opening fences the older incarnation", testOpenFencesTheOlderIncarnation},
		{"budgets survive kill and restart", testBudgetsSurviveKillAndRestart},
		{"a dead slice is held until its horizon", testDeadSliceIsHeldUntilItsHorizon},
		{"old slices are pruned", testOldSlicesArePruned},
		{"a heartbeat keeps the slice", testHeartbeatKeepsTheSlice},
		{"a return gives back at most what is there", testReturnGivesBackAtMostWhatIsThere},
		{"slices are told as far as the feed is", testSlicesAsTheFeedHasToldThem},
		{"a budget cut below spend grants nothing", testBudgetCutBelowSpendGrantsNothing},
		{"a bid is booked once", testABidIsBookedOnce},
		{"a booking is taken from slice, free, overrun", testBookingIsTakenFromSliceThenFreeThenOverrun},
		{"a booking without slice or budget", testBookingWithoutSliceOrBudget},
		{"late and expired notices", testLateAndExpiredNotices},
		{"order and batching do not matter", testOrderAndBatchingDoNotMatter},
		{"midnight bills to the day of the bid", testMidnightBillsToTheDayOfTheBid},
		{"slices are read by node and period", testSlicesAreReadByNodeAndPeriod},
		{"what was settled comes in pages", testSettledPages},
		{"the booker books what the log delivers", testBookerBooksWhatTheLogDelivers},
		{"how far booking has come", testBookingProgress},
		{"a dead slice waits for booking", testDeadSliceWaitsForBooking},
		{"holds age with booking", testHoldsAgeWithBooking},
		{"the booker says how far it has come", testBookerSaysHowFarItHasCome},
		{"a pacer on the ledger", testPacerOnTheLedger},
		{"bills are converted", testBillsAreConverted},
		{"bills without their rates", testBillsWithoutTheirRates},
		{"converted, order does not matter", testConvertedOrderDoesNotMatter},
		{"the ledger is the model", testLedgerIsTheModel},
		{"processes grant no more than the budget", testProcessesGrantNoMoreThanTheBudget},
		{"processes book once", testProcessesBookOnce},
		{"processes at once", testProcessesAtOnce},
		{"the guard", testGuard},
		{"watching the guard", testWatchGuard},
		{"leases", testLeases},
		{"memory", testMemory},
		{"epochs", testEpochs},
		{"orders count once", testOrdersCountOnce},
		{"shading is summed once", testShadingIsSummedOnce},
		{"outcomes of line items", testOutcomes},
		{"outcomes are bounded", testOutcomesAreBounded},
		{"what line items spent on a day", testLineItemDays},
		{"a second worker takes over", testSecondWorkerTakesOver},
		{"advertisers pay fees", testAdvertisersPayFees},
		{"late risks", testLateRisks},
		{"a backup has every table", testBackupHasEveryTable},
		{"a backup during traffic is restored", testBackupDrill},
		{"incarnations do not repeat after a restore", testIncarnationsDoNotRepeat},
		{"rate tables do not repeat after a restore", testRateTablesDoNotRepeat},
		{"what cannot be restored changes nothing", testRestoreRefuses},
		{"a restore holds what was out for a horizon", testRestoreHoldsForAHorizon},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, newWorld(t, empty)) })
	}
}
