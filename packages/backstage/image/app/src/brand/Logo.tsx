/** Three layers, one on top of the other: code, delivery, runtime. */
export const Mark = ({ size = 28 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
    <rect width="32" height="32" rx="8" fill="#0f766e" />
    <path d="M16 6 26 11.5 16 17 6 11.5Z" fill="#fff" />
    <path
      d="M6 16.5 16 22l10-5.5M6 21.5 16 27l10-5.5"
      fill="none"
      stroke="#99f6e4"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
);

/** The mark with the platform's name, for where there is room. */
export const Wordmark = ({ name }: { name: string }) => (
  <span style={{ display: 'inline-flex', alignItems: 'center', gap: 10 }}>
    <Mark />
    <span style={{ color: '#fff', fontSize: 20, fontWeight: 700, letterSpacing: '-0.02em' }}>{name}</span>
  </span>
);
