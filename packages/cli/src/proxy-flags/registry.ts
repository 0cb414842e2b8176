import { Option } from 'commander';

/** `--registry`: another place for all images, under the names they have. */
export function registryOption(): Option {
  return new Option('--registry <prefix>', 'registry, and path in it, that images come from').env(
    'LINKERD_DOCKER_REGISTRY',
  );
}

/** The same image at another place: the last part of its name is kept. */
export function imageAt(registry: string, image: string): string {
  return `${registry.replace(/\/$/, '')}/${image.slice(image.lastIndexOf('/') + 1)}`;
}
