module enrollment-gateway/examples/mint

go 1.19
