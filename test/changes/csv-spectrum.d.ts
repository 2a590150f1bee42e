declare module "csv-spectrum" {
  /** Calls back with the samples: a CSV file and what it holds as JSON. */
  export default function spectrum(
    callback: (error: Error | null, samples: { name: string; csv: Buffer; json: Buffer }[]) => void,
  ): void;
}
