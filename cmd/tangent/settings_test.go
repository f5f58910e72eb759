package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// writeFile returns the path of a file with the content.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A configuration that cannot be used is refused before anything is opened,
// and the message says what is wrong.
func TestCheckConfig(t *testing.T) {
	for name, c := range map[string]struct {
		file   string // none if empty
		env    map[string]string
		args   []string
		status int
		want   string // in what is written
	}{
		"fine":               {file: "audience: embedded\nlisten: 127.0.0.1:1\ntick: 500ms\n", want: "fine"},
		"fine, no file":      {args: []string{"--audience", "embedded"}, want: "fine"},
		"fine, environment":  {env: map[string]string{"TANGENT_AUDIENCE": "embedded"}, want: "fine"},
		"underscores":        {file: "audience: embedded\nmax_in_flight: 7\n", want: "fine"},
		"comments, no lines": {file: "# nothing\n", args: []string{"--audience", "embedded"}, want: "fine"},
		"empty file":         {file: "\n", args: []string{"--audience", "embedded"}, want: "fine"},
		"boolean":            {file: "audience: embedded\nassume-no-gdpr: true\n", want: "fine"},

		"fine, but not HTTPS": {args: []string{"--audience", "embedded", "--public-url", "http://bid.example.com"}, want: "warning: public-url is http://"},

		"nothing set":          {status: 1, want: "audience is not set"},
		"unknown name":         {file: "audience: embedded\nlissten: 127.0.0.1:1\n", status: 2, want: "lissten"},
		"says what is allowed": {file: "nonsense: 1\n", status: 2, want: "api-listen"},
		"a command's flag":     {file: "audience: embedded\nduration: 10s\n", status: 2, want: "duration"},
		"check-config in it":   {file: "audience: embedded\ncheck-config: true\n", status: 2, want: "check-config"},
		"given twice":          {file: "tick: 1s\naudience: embedded\ntick: 2s\n", status: 2, want: "tick"},
		"twice, both ways":     {file: "max-in-flight: 1\nmax_in_flight: 2\naudience: embedded\n", status: 2, want: "twice"},
		"wrong type":           {file: "audience: embedded\nmax-in-flight: many\n", status: 2, want: "max-in-flight"},
		"wrong duration":       {file: "audience: embedded\ntick: 5\n", status: 2, want: "tick"},
		"a list":               {file: "audience: [a, b]\n", status: 2, want: "single value"},
		"nested":               {file: "audience:\n  address: embedded\n", status: 2, want: "single value"},
		"no mapping":           {file: "- audience\n", status: 2, want: "name: value"},
		"not YAML":             {file: "audience: \"embedded\n", status: 2, want: "name: value"},
		"not allowed":          {file: "audience: embedded\ntick: 1h\n", status: 1, want: "tick 1h0m0s"},
		"two things wrong":     {file: "audience: redis\ntick: 1h\n", status: 1, want: "audience \"redis\""},
		"log level":            {file: "audience: embedded\nlog-level: loud\n", status: 2, want: "log-level"},
		"file is missing":      {args: []string{"--config", "/nowhere/tangent.yaml"}, status: 2, want: "/nowhere/tangent.yaml"},
		"unknown flag":         {args: []string{"--nonsense"}, status: 2, want: "--nonsense"},
		"two documents":        {file: "audience: embedded\n---\nfoo: 1\n", status: 2, want: "one document"},
		"misspelt environment": {env: map[string]string{"TANGENT_VENDORID": "7"}, args: []string{"--audience", "embedded"}, status: 2, want: "TANGENT_VENDORID"},
		"wrong environment":    {env: map[string]string{"TANGENT_TICK": "soon"}, args: []string{"--audience", "embedded"}, status: 2, want: "tick"},
	} {
		t.Run(name, func(t *testing.T) {
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			data := filepath.Join(t.TempDir(), "data")
			args := append([]string{"serve", "--check-config"}, c.args...)
			if c.file != "" {
				args = append(args, "--config", writeFile(t, "tangent.yaml", c.file))
			}
			if !strings.Contains(c.file, "data-dir") {
				args = append(args, "--data-dir", data)
			}
			status, out, errs := tangent(t, "", args...)
			if status != c.status || !strings.Contains(out+errs, c.want) {
				t.Errorf("exit status %d, want %d; %q is wanted in:\n%s%s", status, c.status, c.want, out, errs)
			}
			if _, err := os.Stat(data); err == nil {
				t.Error("checking made the data folder")
			}
		})
	}
}

// What is set nearer to the hand wins: flag, environment, file, default.
func TestSettingsPrecedence(t *testing.T) {
	const inFile, inEnv, inFlag = "tick: 11s\n", "12s", "13s" // all too long, so the check names the one in force
	for name, c := range map[string]struct {
		file, env, flag bool
		want            string
	}{
		"file over default":        {file: true, want: "tick 11s"},
		"environment over file":    {file: true, env: true, want: "tick 12s"},
		"flag over file":           {file: true, flag: true, want: "tick 13s"},
		"flag over all":            {file: true, env: true, flag: true, want: "tick 13s"},
		"flag over environment":    {env: true, flag: true, want: "tick 13s"},
		"environment over default": {env: true, want: "tick 12s"},
		"default":                  {want: "fine"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"serve", "--check-config", "--audience", "embedded"}
			if c.file {
				args = append(args, "--config", writeFile(t, "tangent.yaml", inFile))
			}
			if c.env {
				t.Setenv("TANGENT_TICK", inEnv)
			}
			if c.flag {
				args = append(args, "--tick", inFlag)
			}
			if _, out, errs := tangent(t, "", args...); !strings.Contains(out+errs, c.want) {
				t.Errorf("want %q in:\n%s%s", c.want, out, errs)
			}
		})
	}
}

// The file's own setting of --config's place in the environment works too.
func TestConfigFileFromEnvironment(t *testing.T) {
	t.Setenv("TANGENT_CONFIG", writeFile(t, "tangent.yaml", "audience: embedded\ntick: 11s\n"))
	if _, _, errs := tangent(t, "", "serve", "--check-config"); !strings.Contains(errs, "tick 11s") {
		t.Errorf("the file that TANGENT_CONFIG names was not read: %s", errs)
	}
}

// Secrets must not be in a message about the configuration.
func TestCheckConfigTellsNoPassword(t *testing.T) {
	t.Setenv("TANGENT_REDIS_PASSWORD", "hunter2hunter2")
	_, out, errs := tangent(t, "", "serve", "--check-config", "--audience", "nowhere", "--tick", "1h")
	if strings.Contains(out+errs, "hunter2") {
		t.Errorf("the password is in:\n%s%s", out, errs)
	}
}

// inOtherWords are the variables that flags say in several texts and all the
// same mean one thing: where and what a server's stores are, what is played, who
// asks, and how a command writes. The number is that of the texts: who writes
// one more, or one that differs, sees whether the flag means the same.
var inOtherWords = map[string]int{
	"TANGENT_AUDIENCE": 3, "TANGENT_DATABASE": 2, "TANGENT_DATA_DIR": 3, "TANGENT_REDIS_CA": 2, "TANGENT_REDIS_PASSWORD": 2, "TANGENT_SECRETS_FILE": 3,
	"TANGENT_DURATION": 2, "TANGENT_EXCHANGES": 2, "TANGENT_MAX_RATE": 2, "TANGENT_RATE": 2, "TANGENT_SEED": 4, "TANGENT_SPEED": 2, "TANGENT_USERS": 3, "TANGENT_VENDOR_ID": 3,
	"TANGENT_BY": 2, "TANGENT_JSON": 4, "TANGENT_JSON_FILE": 7,
}

// A variable of the environment means one thing to all commands: what is set
// for one must neither keep another from starting nor tell it something else,
// such as to draw over a file that the first one keeps.
func TestTheEnvironmentMeansOneThing(t *testing.T) {
	parser, err := kong.New(new(cli), kong.DefaultEnvars("TANGENT"), kong.Vars{"version": "", "demo_vendor": "1", "faults": "", "stresses": ""}, kong.Configuration(loadYAML))
	if err != nil {
		t.Fatal(err)
	}
	types, texts := map[string]string{}, map[string]map[string]string{} // of a variable; of a text the command
	var visit func(*kong.Node)
	visit = func(n *kong.Node) {
		for _, f := range n.Flags {
			for _, env := range f.Envs {
				is := f.Target.Type().String()
				if types[env] != "" && types[env] != is {
					t.Errorf("%s of %s is %s, and elsewhere %s", env, n.FullPath(), is, types[env])
				}
				types[env] = is
				if texts[env] == nil {
					texts[env] = map[string]string{}
				}
				texts[env][f.Help] = n.FullPath()
			}
		}
		for _, c := range n.Children {
			visit(c)
		}
	}
	visit(parser.Model.Node)
	for env, of := range texts {
		if len(of) != max(1, inOtherWords[env]) {
			t.Errorf("does %s mean one thing? It is: %q", env, of)
		}
	}
	if types["TANGENT_REQUESTS"] != "string" || types["TANGENT_SIZING_REQUESTS"] != "[]float64" || types["TANGENT_LINE_ITEMS"] != "int" {
		t.Errorf("the names of variables: %v", types)
	}
	// What a server is started with stands in the environment of other commands, too.
	t.Setenv("TANGENT_TICK", "500ms")
	if status, _, errs := tangent(t, "", "replay"); status != 1 || !strings.Contains(errs, "give logs by --train and --data") {
		t.Errorf("status %d: %s", status, errs)
	}
}
