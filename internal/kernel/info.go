package kernel

import (
	"context"

	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

func (k *Kernel) kernelInfo(_ context.Context, r *request) error {
	k.reply(r, jupyter.KernelInfoReply{
		Status:                "ok",
		ProtocolVersion:       jupyter.ProtocolVersion,
		Implementation:        "goparallel",
		ImplementationVersion: k.p.Version,
		LanguageInfo: jupyter.LanguageInfo{
			Name:           "go",
			Version:        k.p.GoVersion,
			Mimetype:       "text/x-go",
			FileExtension:  ".go",
			PygmentsLexer:  "go",
			CodemirrorMode: "go",
		},
		Banner: "goparallel " + k.p.Version + ": live compiled Go " + k.p.GoVersion + " with parallel views",
		HelpLinks: []jupyter.HelpLink{
			{Text: "goparallel", URL: "https://github.com/goparallel/goparallel"},
			{Text: "Go standard library", URL: "https://pkg.go.dev/std"},
			{Text: "Go language", URL: "https://go.dev/ref/spec"},
			{Text: "gonum/plot", URL: "https://pkg.go.dev/gonum.org/v1/plot"},
		},
		SupportedFeatures: []string{},
	})
	return nil
}

func (k *Kernel) connect(_ context.Context, r *request) error {
	info := k.p.Channels.Info
	k.reply(r, jupyter.ConnectReply{Status: "ok", ShellPort: info.ShellPort, IOPubPort: info.IOPubPort,
		StdinPort: info.StdinPort, HBPort: info.HBPort, ControlPort: info.ControlPort})
	return nil
}
