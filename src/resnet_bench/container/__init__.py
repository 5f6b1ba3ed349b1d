"""Container images: their context, build and push, by whichever of docker, podman and buildah is here."""
