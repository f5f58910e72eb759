package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/loadtest/replay"
)

// version is set by the build.
var version = "unversioned"

// cli is the command line. Each command's struct stands beside its Run.
type cli struct {
	Serve       serveCmd         `cmd:"" help:"Run Tangent: bids, notices, the API, and the workers behind them."`
	Demo        demoCmd          `cmd:"" help:"Play a day in two minutes: 50 campaigns, an exchange in a process of its own, both books."`
	Exchange    exchangeCmd      `cmd:"" help:"Play ad exchanges against a bidder on this machine, and keep their books."`
	Loadtest    loadtestCmd      `cmd:"" help:"Send traffic: to measure, or to break everything and see that the money is right."`
	Replay      replayCmd        `cmd:"" help:"Play a log of auctions against pacing and its baselines, and say how near to the optimum each came."`
	Check       checkCmd         `cmd:"" help:"Read bid requests and say what Tangent sees in them, to onboard an exchange."`
	Preview     previewCmd       `cmd:"" help:"Write a page that shows a creative: tangent preview 7 > page.html"`
	Audience    audienceCmd      `cmd:"" help:"Import segments, or erase a user."`
	Identity    identityCmd      `cmd:"" help:"Import matches of user ids."`
	Supply      supplyCmd        `cmd:"" help:"Fetch who may sell what."`
	Key         keyCmd           `cmd:"" help:"Make, list or revoke API keys."`
	Guard       guardCmd         `cmd:"" help:"Stop all bidding, or let it go on, without the API."`
	Backup      backupCmd        `cmd:"" help:"Write campaigns, API keys and all money to a file, beside a running server."`
	Restore     restoreCmd       `cmd:"" help:"Fill an empty database from a backup."`
	Reconcile   reconcileCmd     `cmd:"" help:"Compare an exchange's billing report with the ledger, and book corrections; exit status 1 if they differ."`
	Rates       ratesCmd         `cmd:"" help:"Import or list exchange rates."`
	Why         whyCmd           `cmd:"" help:"Say why a line item does not spend."`
	Frontier    frontierCmd      `cmd:"" help:"Say what another budget would buy a line item, and draw the curve with W on it."`
	Pacing      pacingCmd        `cmd:"" help:"Say how a line item's money stands beside its plan, and draw that."`
	Healthcheck healthcheckCmd   `cmd:"" help:"Ask a running Tangent whether it is ready; exit status 1 if not."`
	Reasons     reasonsCmd       `cmd:"" help:"Print every reason for which Tangent does not bid, as docs/reasons.md."`
	Version     kong.VersionFlag `env:"-" help:"Print the version and exit."`
}

// streams is what commands read and write, so that tests can give their own.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// isServer says whether a command answers bid requests: tangent serve, and what
// it is compared with.
func isServer(args []string) bool {
	return len(args) > 0 && args[0] == "serve" || len(args) > 1 && args[0] == "loadtest" && args[1] == "null"
}

func main() {
	if isServer(os.Args[1:]) {
		relaxTimers()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run is main without the process: it returns the exit status. 0 is success,
// 1 a failure, 2 a command line that cannot be used, 130 the end by a signal of
// what was not over and had found nothing wrong.
func run(ctx context.Context, args []string, s streams) (status int) {
	defer func() { // kong exits through here
		if code, ok := recover().(exit); ok {
			status = int(code)
		}
	}()
	parser, err := kong.New(new(cli),
		kong.Name("tangent"),
		kong.Description("A real-time-bidding demand-side platform. Try it: tangent demo"),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.DefaultEnvars("TANGENT"),
		kong.Vars{"version": version, "demo_vendor": strconv.Itoa(loadtest.DefaultVendorID), "faults": faultNames(), "stresses": replay.StressNames()},
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.Configuration(loadYAML),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		fmt.Fprintln(s.err, "tangent:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if err != nil {
		parser.Errorf("%s", err)
		fmt.Fprintln(s.err, "run: tangent --help")
		return 2
	}
	if err := checkEnvironment(parser.Model.Node, os.Environ()); err != nil {
		fmt.Fprintln(s.err, "tangent:", err)
		return 2
	}
	return tell(ctx, s.err, command.Run())
}

// exit carries kong's wish to exit out of its parser.
type exit int
