module idp.local/workflows

go 1.26

require github.com/argoproj/argo-workflows/v3 v3.7.3
