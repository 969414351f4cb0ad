// What Go's sumdb/note says about notes and keys. Reads one JSON document on stdin, writes one on stdout, both in the
// order of the questions:
//
//	{"notes": [{"note": base64, "vkeys": [text…]}…], "vkeys": [text…], "sign": [{"text": …, "skeys": [text…]}…]}
//	{"notes": [{"error": text} | {"text": …, "verified": [{"name", "id"}…], "unverified": […]}…],
//	 "vkeys": [error or ""…], "sign": [note…]}
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
)

type question struct {
	Note  []byte   `json:"note"`
	Vkeys []string `json:"vkeys"`
}

type signed struct {
	Text  string   `json:"text"`
	Skeys []string `json:"skeys"`
}

type input struct {
	Notes []question `json:"notes"`
	Vkeys []string   `json:"vkeys"`
	Sign  []signed   `json:"sign"`
}

type by struct {
	Name string `json:"name"`
	ID   uint32 `json:"id"`
}

type answer struct {
	Error      string `json:"error"`
	Text       string `json:"text"`
	Verified   []by   `json:"verified"`
	Unverified []by   `json:"unverified"`
}

type output struct {
	Notes []answer `json:"notes"`
	Vkeys []string `json:"vkeys"`
	Sign  []string `json:"sign"`
}

func names(signatures []note.Signature) []by {
	found := []by{}
	for _, signature := range signatures {
		found = append(found, by{signature.Name, signature.Hash})
	}
	return found
}

func open(asked question) answer {
	var known []note.Verifier
	for _, vkey := range asked.Vkeys {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return answer{Error: err.Error()}
		}
		known = append(known, verifier)
	}
	opened, err := note.Open(asked.Note, note.VerifierList(known...))
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Text: opened.Text, Verified: names(opened.Sigs), Unverified: names(opened.UnverifiedSigs)}
}

func sign(asked signed) (string, error) {
	var signers []note.Signer
	for _, skey := range asked.Skeys {
		signer, err := note.NewSigner(skey)
		if err != nil {
			return "", err
		}
		signers = append(signers, signer)
	}
	made, err := note.Sign(&note.Note{Text: asked.Text}, signers...)
	return string(made), err
}

func run() error {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return err
	}
	var out output
	for _, asked := range in.Notes {
		out.Notes = append(out.Notes, open(asked))
	}
	for _, vkey := range in.Vkeys {
		text := ""
		if _, err := note.NewVerifier(vkey); err != nil {
			text = err.Error()
		}
		out.Vkeys = append(out.Vkeys, text)
	}
	for _, asked := range in.Sign {
		made, err := sign(asked)
		if err != nil {
			return err
		}
		out.Sign = append(out.Sign, made)
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "notes:", err)
		os.Exit(1)
	}
}
