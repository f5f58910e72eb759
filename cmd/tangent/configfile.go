package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// loadYAML reads a configuration file: one flat mapping from a flag's name to
// its value, with dashes or underscores. It is strict: an unknown or repeated
// name is an error that says what is allowed. The environment wins over the
// file, the command line over both.
func loadYAML(r io.Reader) (kong.Resolver, error) {
	var settings map[string]yaml.Node
	decoder := yaml.NewDecoder(r)
	if err := decoder.Decode(&settings); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("want lines of name: value: %w", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("want one document: nothing may follow a line of ---")
	}
	values := make(map[string]string, len(settings))
	for name, node := range settings {
		if node.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("line %d: %s: want a single value", node.Line, name)
		}
		name = strings.ReplaceAll(name, "_", "-")
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("line %d: %s is given twice", node.Line, name)
		}
		values[name] = node.Value
	}
	return &fileResolver{values}, nil
}

type fileResolver struct{ values map[string]string }

// notInFile are flags of a command that are no settings.
var notInFile = []string{"help", "version", "config", "check-config"}

// Validate refuses names that the command does not know.
func (f *fileResolver) Validate(app *kong.Application) error {
	var known []string
	for _, node := range app.Children {
		if node.Name != "serve" {
			continue
		}
		for _, flag := range node.Flags {
			if !slices.Contains(notInFile, flag.Name) {
				known = append(known, flag.Name)
			}
		}
	}
	slices.Sort(known)
	for name := range f.values {
		if !slices.Contains(known, name) {
			return fmt.Errorf("the configuration file sets %s, which is no setting; allowed are: %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// Resolve returns the file's value for a flag that the environment leaves open.
func (f *fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil
		}
	}
	if v, ok := f.values[flag.Name]; ok {
		return v, nil
	}
	return nil, nil
}

// checkEnvironment refuses variables that look like ours and are not: a
// setting that was misspelt must not be lost silently.
func checkEnvironment(commands *kong.Node, environ []string) error {
	known := map[string]bool{}
	var visit func(*kong.Node)
	visit = func(n *kong.Node) {
		for _, f := range n.Flags {
			for _, env := range f.Envs {
				known[env] = true
			}
		}
		for _, child := range n.Children {
			visit(child)
		}
	}
	visit(commands)
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "TANGENT_") && !known[name] && !slices.Contains(forTests, name) {
			return fmt.Errorf("the environment sets %s, which is no setting of any command; see tangent serve --help", name)
		}
	}
	return nil
}

// forTests are variables that tests of this repository read.
var forTests = []string{"TANGENT_OPENRTB_CORPUS"}
