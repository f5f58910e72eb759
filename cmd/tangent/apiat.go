package main

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/tangent-dsp/tangent/api/client"
)

// apiAt is the API that a command asks.
type apiAt struct {
	API string `name:"api" default:"http://127.0.0.1:8081" help:"Base URL of the API."`
	Key string `env:"TANGENT_API_KEY" help:"API key: better in TANGENT_API_KEY than on the command line."`
}

func (a *apiAt) client() (*client.Client, error) {
	if a.Key == "" {
		return nil, errors.New("the API takes a key: set TANGENT_API_KEY")
	}
	return client.New(client.Config{URL: a.API, Key: a.Key})
}

// printJSON writes what the API answered for people and programs.
func printJSON(out io.Writer, answer any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(answer)
}
